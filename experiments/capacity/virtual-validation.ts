import { countText } from '../../analysis/wording.ts'
import { basisOf } from '../../analysis/capacity/planning/plan.ts'
import { findSmallestServer, HIGHEST_LOAD } from '../../analysis/capacity/planning/plan-search.ts'
import { measuredS } from '../../analysis/capacity/service/model-error.ts'
import { ANSWER_EFFORT } from '../../analysis/capacity/planning/prediction.ts'
import { latencyS, simulateScenario } from '../../analysis/capacity/service/scenario-simulation.ts'
import { parseSlo, type LatencyGoal, type Slo } from '../../analysis/capacity/objective/slo.ts'
import { judgeCount, type CountRow } from '../../analysis/capacity/planning/validation.ts'
import { median } from '../../analysis/statistics/sample.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import { formatRate } from '../../core/quantities.ts'
import { deriveSeed, seededRandom } from '../../core/random.ts'
import type { Routing } from '../../core/routing.ts'
import type { MeasuringPlan } from './measuring.ts'
import { measureRate } from './slices.ts'
import type { Subject } from './subject.ts'
import { virtualSubject } from './virtual-subject.ts'
import type { Terminal } from '../../cli/command.ts'
import type { MeasuringRun } from './measuring-run.ts'

/** Routings of the virtual servers: those whose tails differ most. */
export const VIRTUAL_ROUTINGS: readonly Routing[] = [
  'central-queue',
  'client-round-robin',
  'round-robin-connections',
  'least-connections',
]

/** Mean time that a request keeps a virtual worker busy. */
const SERVICE_MS = 8

/** Worker counts that predictions know; twice the largest is foretold. */
const KNOWN_WORKERS = [1, 2, 3, 4] as const

const LOADS = [0.4, 0.7] as const

/** Lengths of the slices that are measured, in seconds. */
const SLICES = { blocks: 5, saturationS: 4, loneS: 2, rateS: 5 } as const

/** Requests that each try of a count has at least, and its least length in seconds. */
const TRY = { requests: 3000, shortestS: 8 } as const

/** A latency this near to its objective, as a ratio, may be on either side by luck: the median of three tries decides. */
const NEAR_OBJECTIVE = 1.2

/** Most workers that are foretold: twice the most that are known. */
const MOST_WORKERS = 8

/** Objective of a case as a multiple of what the wanted count gives: at least, and at most. */
const LEAST_ROOM = 1.15
const MOST_ROOM = 1.5

/** … and at least this multiple of the best that can be reached: upper bounds are about 1.3 times their estimate. */
const BOUND_ROOM = 1.4

/** Rates that are drawn until one is clear, and how many of them for the same count of workers. */
const MOST_DRAWS = 60
const DRAWS_OF_A_COUNT = 12

/** What a case asks for. */
interface Case {
  readonly ratePerS: number
  readonly slo: Slo
}

/**
 * Measures virtual servers with up to four workers, plans for rates and objectives that take up to eight, and finds by
 * trying it out how many are needed: the fewest that meet the objective in a real run at a load of at most 0.8.
 */
export async function validateCounts(
  run: MeasuringRun,
  options: { readonly cases: number; readonly seed: number },
  terminal: Terminal,
): Promise<CountRow[]> {
  const rows: CountRow[] = []
  const perRouting = Math.ceil(options.cases / VIRTUAL_ROUTINGS.length)
  for (const routing of VIRTUAL_ROUTINGS) {
    const seed = deriveSeed(options.seed, routing)
    const subject = virtualServer(routing, seed, run)
    const measurement = await measureVirtual(subject, seed, run)
    const cases = Math.min(perRouting, options.cases - rows.length)
    rows.push(...(await tryCases(subject, measurement, { cases, seed }, terminal)))
  }
  return rows
}

/** A virtual server of a routing whose services are exponential. */
export function virtualServer(routing: Routing, seed: number, { context }: Pick<MeasuringRun, 'context'>): Subject {
  return virtualSubject({ routing, service: 'exponential', serviceMs: SERVICE_MS, seed }, context)
}

/** Measures what a plan for a virtual server knows of it. */
export async function measureVirtual(
  subject: Subject,
  seed: number,
  run: Pick<MeasuringRun, 'measure'>,
): Promise<CapacityMeasurement> {
  const plan: MeasuringPlan = {
    workers: KNOWN_WORKERS,
    rateWorkers: [1, 4],
    loads: LOADS,
    ...SLICES,
    seed,
    patienceS: 20,
  }
  const [measurement] = await run.measure([subject], plan)
  return measurement as CapacityMeasurement
}

/** Plans worker counts for seeded cases, and tries out how many are needed. */
export async function tryCases(
  subject: Subject,
  measurement: CapacityMeasurement,
  { cases, seed }: { readonly cases: number; readonly seed: number },
  terminal: Terminal,
): Promise<CountRow[]> {
  const rows: CountRow[] = []
  for (let i = 0; i < cases; i++) {
    const asked = caseOf(measurement, deriveSeed(seed, 'case', i))
    rows.push(await validateCase(subject, measurement, asked, seed, terminal))
  }
  return rows
}

/**
 * A rate that takes two to six workers, and an objective half-way (on the logarithm) between what some count gives and
 * what one less gives. Drawn again until the count that is needed is clear: one less misses the objective by far, and the
 * least latency that any count can reach is further below it than a plan's upper bound is above its estimate.
 */
function caseOf(measurement: CapacityMeasurement, seed: number): Case {
  const random = seededRandom(seed)
  const slo = parseSlo('p99<1s')
  const basis = basisOf(measurement, slo)
  const goal = slo.latency[0] as LatencyGoal
  const busyS = basis.service.busyS(1).busyS.estimate
  const p99 = (workers: number, ratePerS: number): number => {
    if ((ratePerS * busyS) / workers >= 0.97) return Infinity
    const scenario = { workers, ratePerS, cores: measurement.machine.cores }
    return latencyS(simulateScenario(measurement, basis.service, scenario, 1, { requests: 60_000, seed: 1 }), goal)
  }
  const draw = (wanted: number): Case & { readonly clear: boolean } => {
    const ratePerS = Number((((0.45 + 0.25 * random()) * wanted) / busyS).toPrecision(3))
    const enough = p99(wanted, ratePerS)
    const limitS = Math.min(Math.sqrt(enough * p99(wanted - 1, ratePerS)), MOST_ROOM * enough)
    const clear = limitS >= LEAST_ROOM * enough && limitS >= BOUND_ROOM * p99(MOST_WORKERS, ratePerS)
    return { ratePerS, slo: parseSlo(`p99<${(limitS * 1000).toFixed(1)}ms`), clear }
  }
  // The same count for a while: where it were drawn anew each time, few workers, which are clear more often, would prevail.
  let wanted = 2 + Math.floor(random() * 5)
  let drawn = draw(wanted)
  for (let i = 1; i < MOST_DRAWS && !drawn.clear; i++) {
    if (i % DRAWS_OF_A_COUNT === 0) wanted = 2 + Math.floor(random() * 5)
    drawn = draw(wanted)
  }
  return drawn
}

async function validateCase(
  subject: Subject,
  measurement: CapacityMeasurement,
  { ratePerS, slo }: Case,
  seed: number,
  terminal: Terminal,
): Promise<CountRow> {
  const basis = basisOf(measurement, slo)
  const found = findSmallestServer(basis, {
    ratePerS,
    cores: measurement.machine.cores,
    effort: { ...ANSWER_EFFORT, seed },
  })
  const planned = found.kind === 'server' ? found.machines * found.workersPerMachine : null
  const needed = await neededWorkers(
    subject,
    ratePerS,
    slo,
    planned,
    basis.service.busyS(1).busyS.estimate,
    terminal,
    seed,
  )
  return {
    routing: subject.routing,
    ratePerS,
    objective: slo.text,
    planned,
    needed,
    verdict: judgeCount(planned, needed),
  }
}

/** The fewest workers that meet the objective in real runs, sought from the planned count downwards or upwards. */
async function neededWorkers(
  subject: Subject,
  ratePerS: number,
  slo: Slo,
  planned: number | null,
  busyS: number,
  terminal: Terminal,
  seed: number,
): Promise<number> {
  const least = Math.max(1, Math.ceil((ratePerS * busyS) / HIGHEST_LOAD - 0.02))
  const durationS = Math.max(TRY.shortestS, TRY.requests / ratePerS)
  const goal = slo.latency[0] as LatencyGoal
  const tryOut = async (workers: number, again: number): Promise<number> => {
    terminal.live(`${subject.model}: ${countText(workers, 'worker')} at ${formatRate(ratePerS)} for ${slo.text}`)
    const rate = await subject.run(workers, (server, context) =>
      measureRate(
        subject,
        server,
        { block: 1, workers, ratePerS, durationS, seed: deriveSeed(seed, 'try', ratePerS, again) },
        context,
      ),
    )
    return measuredS(LatencyHistogram.fromBase64(rate.histogram), goal, 0) ?? Infinity
  }
  const meets = async (workers: number): Promise<boolean> => {
    const firstS = await tryOut(workers, 0)
    const isClear = firstS > NEAR_OBJECTIVE * goal.limitS || firstS < goal.limitS / NEAR_OBJECTIVE
    if (isClear) return firstS < goal.limitS
    return median([firstS, await tryOut(workers, 1), await tryOut(workers, 2)]) < goal.limitS
  }
  let workers = Math.max(least, planned ?? least)
  if (await meets(workers)) {
    while (workers > least && (await meets(workers - 1))) workers--
    return workers
  }
  while (workers < 4 * least && !(await meets(workers + 1))) workers++
  return workers + 1
}
