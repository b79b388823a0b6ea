import { countText } from '../../analysis/wording.ts'
import { findBasis } from '../../analysis/capacity/planning/plan.ts'
import { HIGHEST_LOAD, seekSmallestServer } from '../../analysis/capacity/planning/plan-search.ts'
import { measuredS } from '../../analysis/capacity/service/model-error.ts'
import { ANSWER_EFFORT } from '../../analysis/capacity/planning/prediction.ts'
import type { LatencyGoal } from '../../analysis/capacity/objective/slo.ts'
import { judgeCount, type CountRow } from '../../analysis/capacity/planning/validation.ts'
import { median } from '../../analysis/statistics/sample.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import { formatRate } from '../../core/quantities.ts'
import { deriveSeed } from '../../core/random.ts'
import type { Routing } from '../../core/routing.ts'
import type { MeasuringPlan } from './measuring.ts'
import { measureRate } from './slices.ts'
import type { Subject } from './subject.ts'
import { expectedS } from './expected-time.ts'
import { type Case, drawCase } from './virtual-case.ts'
import { virtualWorkload } from './virtual-subject.ts'
import { inPieces } from './in-pieces.ts'
import type { MeasuringRun } from './measuring-run.ts'

/** Routings of the virtual servers: those whose tails differ most. */
const VIRTUAL_ROUTINGS: readonly Routing[] = [
  'central-queue',
  'client-round-robin',
  'round-robin-connections',
  'least-connections',
]

/** Mean time that a request keeps a virtual worker busy. */
const SERVICE_MS = 8

/** Worker counts that predictions know; twice the largest is predicted. */
const KNOWN_WORKERS = [1, 2, 3, 4] as const

const LOADS = [0.4, 0.7] as const

/** Lengths of the slices that are measured, in seconds. */
const SLICES = { blocks: 5, saturationS: 4, unloadedS: 2, rateS: 5 } as const

/** Requests that each try of a count has at least, and its least length in seconds. */
const TRY = { requests: 3000, shortestS: 8 } as const

/** A latency this near to its objective, as a ratio, may be on either side by luck: the median of three tries decides. */
const NEAR_OBJECTIVE = 1.2

/** Seconds that a case takes, about: two tries with their launches, and drawing and planning it. */
const CASE_S = 2 * (TRY.shortestS + 2) + 3

/** What a case is tried with. */
interface CaseSurroundings extends Pick<MeasuringRun, 'context' | 'emit'> {
  readonly seed: number
}

/**
 * Measures virtual servers with up to four workers, plans for rates and objectives that take up to eight, and finds by
 * trying it out how many are needed: the fewest that meet the objective in a real run at a load of at most 0.8.
 */
export async function validateCounts(
  run: MeasuringRun,
  options: { readonly cases: number; readonly seed: number },
): Promise<CountRow[]> {
  const rows: CountRow[] = []
  const perRouting = Math.ceil(options.cases / VIRTUAL_ROUTINGS.length)
  for (const routing of VIRTUAL_ROUTINGS) {
    const cases = Math.min(perRouting, options.cases - rows.length)
    if (cases === 0) break
    const seed = deriveSeed(options.seed, routing)
    const subject = run.virtual({ routing, service: 'exponential', serviceMs: SERVICE_MS, seed })
    const [measurement] = await run.measure([subject], planOf(seed))
    if (measurement === undefined) break
    rows.push(...(await tryCases(subject, measurement, { cases, first: rows.length, seed }, run)))
  }
  return rows
}

/** Seconds that validating that many worker counts takes, about. */
export function countsExpectedS(cases: number): number {
  const routings = Math.min(VIRTUAL_ROUTINGS.length, cases)
  const workload = virtualWorkload('exponential', SERVICE_MS)
  return routings * expectedS([{ fixedSize: false }], planOf(0), workload) + cases * CASE_S
}

function planOf(seed: number): MeasuringPlan {
  return { workers: KNOWN_WORKERS, rateWorkers: [1, 4], loads: LOADS, ...SLICES, seed, patienceS: 20 }
}

/** Plans worker counts for seeded cases, the first one numbered `first`, and tries out how many are needed. */
async function tryCases(
  subject: Subject,
  measurement: CapacityMeasurement,
  { cases, first, seed }: { readonly cases: number; readonly first: number; readonly seed: number },
  { context, emit, folder, resumed }: MeasuringRun,
): Promise<CountRow[]> {
  const rows: CountRow[] = []
  for (let i = 0; i < cases; i++) {
    const number = first + i
    const done = resumed?.counts.find((each) => each.number === number)
    if (done !== undefined) {
      rows.push(done.row)
      continue
    }
    const asked = await inPieces(drawCase(measurement, deriveSeed(seed, 'case', i)), context.signal, emit)
    const row = await validateCase(subject, measurement, asked, { seed, context, emit })
    folder.appendCount({ schema: 'forkwise/count@1', number, row })
    emit({ type: 'count-validated', row })
    rows.push(row)
  }
  return rows
}

async function validateCase(
  subject: Subject,
  measurement: CapacityMeasurement,
  { ratePerS, slo }: Case,
  { seed, context, emit }: CaseSurroundings,
): Promise<CountRow> {
  const { signal } = context
  const basis = await inPieces(findBasis(measurement, slo), signal, emit)
  const query = { ratePerS, cores: measurement.machine.cores, effort: { ...ANSWER_EFFORT, seed } }
  const found = await inPieces(seekSmallestServer(basis, query), signal, emit)
  const planned = found.kind === 'server' ? found.machines * found.workersPerMachine : null
  const least = Math.max(1, Math.ceil((ratePerS * basis.service.busyS(1).busyS.estimate) / HIGHEST_LOAD - 0.02))
  const needed = await neededWorkers(subject, { ratePerS, slo }, { planned, least }, { seed, emit })
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
  { ratePerS, slo }: Case,
  { planned, least }: { readonly planned: number | null; readonly least: number },
  { seed, emit }: Pick<CaseSurroundings, 'seed' | 'emit'>,
): Promise<number> {
  const durationS = Math.max(TRY.shortestS, TRY.requests / ratePerS)
  const goal = slo.latency[0] as LatencyGoal
  const tryOut = async (workers: number, again: number): Promise<number> => {
    const label = `${subject.model} at ${formatRate(ratePerS)} within ${slo.text}: ${countText(workers, 'worker')}`
    emit({ type: 'step-started', label })
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
