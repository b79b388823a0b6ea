import type { CapacityMeasurement, MeasuredRate, MeasuredRoute, MeasuredSaturation } from '../../core/capacity.ts'
import type { MachineFacts } from '../../core/machine.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { waitForQuiet, type Patience } from '../quiet.ts'
import { measureLone, measureRate, measureSaturation, OPEN_CONNECTIONS } from './slices.ts'
import type { Subject } from './subject.ts'

/** What is to be measured of every subject. */
export interface MeasuringPlan {
  /** Worker counts whose saturation is measured. */
  readonly workers: readonly number[]
  /** Those of them whose latency is measured at several rates. */
  readonly rateWorkers: readonly number[]
  /** Rates as shares of the throughput at saturation. */
  readonly loads: readonly number[]
  readonly blocks: number
  /** Lengths of the slices in seconds; 0 leaves a kind out. */
  readonly saturationS: number
  readonly loneS: number
  readonly rateS: number
  readonly seed: number
  /** Seconds, in all, that the run may wait for other programs to become quiet. */
  readonly patienceS: number
}

/** What a run of measurements reports. */
export interface MeasuringEvents {
  /** A server is about to be launched. */
  onLaunch?(label: string): void
  /** A slice is about to run. */
  onSlice?(label: string): void
  /** Other programs use so many cores, and the run waits for them to become quiet. */
  onWaiting?(foreignCores: number): void
  /** A launch is measured through: everything found so far, to be kept. */
  onMeasured?(measurement: CapacityMeasurement): void
}

/**
 * Measures subjects in blocks: each block launches every worker count of every subject once, in seeded random order,
 * and measures lone requests, saturation and latency at several rates of that launch. What is finished is reported after
 * each launch, so that an interruption loses one launch at most. Rates are fixed by the first block, so that blocks can
 * be pooled.
 */
export async function measureCapacity(
  subjects: readonly Subject[],
  plan: MeasuringPlan,
  machine: MachineFacts,
  context: TrialContext,
  events: MeasuringEvents = {},
): Promise<CapacityMeasurement[]> {
  const measurements = new Map(subjects.map((subject) => [subject, emptyMeasurement(subject, machine, context)]))
  const throughputs = new Map<string, number>()
  const patience: Patience = { leftS: plan.patienceS }
  for (let block = 1; block <= plan.blocks; block++) {
    const launches = subjects.flatMap((subject) =>
      countsOf(subject, plan.workers).map((workers) => ({ subject, workers })),
    )
    for (const { subject, workers } of shuffled(launches, seededRandom(deriveSeed(plan.seed, 'block', block)))) {
      events.onLaunch?.(`block ${block} of ${plan.blocks}: ${launchLabel(subject, workers)}`)
      await waitForQuiet(context, patience, (foreignCores) => events.onWaiting?.(foreignCores))
      const found = await measureLaunch(subject, workers, block, plan, throughputs, events)
      const before = measurements.get(subject) as CapacityMeasurement
      const after = {
        ...before,
        routes: [...before.routes, ...found.routes],
        saturations: [...before.saturations, ...found.saturations],
        rates: [...before.rates, ...found.rates],
        dependencyPerS: dependencyRate([...before.saturations, ...found.saturations]),
      }
      measurements.set(subject, after)
      events.onMeasured?.(after)
      context.signal.throwIfAborted()
    }
  }
  return [...measurements.values()]
}

/** Requests per second of the saturations that the dependency limited; null when none was. */
export function dependencyRate(saturations: readonly MeasuredSaturation[]): number | null {
  const limited = saturations.filter(({ limit }) => limit === 'dependency').map(({ throughputPerS }) => throughputPerS)
  return limited.length === 0 ? null : Math.max(...limited)
}

/** Slices that a plan has, for the progress. */
export function sliceCount(subjects: readonly Subject[], plan: MeasuringPlan): number {
  const perBlock = subjects.map((subject) => {
    const counts = countsOf(subject, plan.workers)
    const rated = counts.filter((workers) => plan.rateWorkers.includes(workers)).length
    return (plan.saturationS > 0 ? counts.length : 0) + (plan.loneS > 0 ? 1 : 0) + rated * plan.loads.length
  })
  return plan.blocks * perBlock.reduce((sum, count) => sum + count, 0)
}

/** A measurement of a subject that holds nothing yet. */
export function emptyMeasurement(
  subject: Subject,
  machine: MachineFacts,
  { settings, cores }: Pick<TrialContext, 'settings' | 'cores'>,
): CapacityMeasurement {
  return {
    schema: 'forkwise/capacity-measurement@1',
    model: subject.model,
    workload: subject.workload.id,
    routing: subject.routing,
    executor: subject.executor,
    threads: subject.threads,
    fixedSize: subject.fixedSize,
    machine: {
      id: machine.id,
      cpu: machine.cpu,
      cores: settings.placement?.server.length ?? cores,
      node: machine.node,
    },
    ...(subject.node === undefined ? {} : { node: subject.node }),
    connections: { count: OPEN_CONNECTIONS, choice: 'least-recent', opened: 'on-demand' },
    routes: [],
    saturations: [],
    rates: [],
    dependencyPerS: null,
  }
}

interface Found {
  readonly routes: readonly MeasuredRoute[]
  readonly saturations: readonly MeasuredSaturation[]
  readonly rates: readonly MeasuredRate[]
}

async function measureLaunch(
  subject: Subject,
  workers: number,
  block: number,
  plan: MeasuringPlan,
  throughputs: Map<string, number>,
  events: MeasuringEvents,
): Promise<Found> {
  const seed = (part: string, load = 0): number => deriveSeed(plan.seed, subject.model, workers, block, part, load)
  const label = launchLabel(subject, workers)
  return subject.run(workers, async (server, context) => {
    const task = { block, workers }
    events.onSlice?.(`${label}: saturation`)
    const saturation = await measureSaturation(
      subject,
      server,
      { ...task, durationS: plan.saturationS, seed: seed('saturation') },
      context,
    )
    let routes: MeasuredRoute[] = []
    if (plan.loneS > 0 && workers === Math.min(...countsOf(subject, plan.workers))) {
      events.onSlice?.(`${label}: one request at a time`)
      routes = await measureLone(subject, server, { ...task, durationS: plan.loneS, seed: seed('lone') }, context)
    }
    const rates: MeasuredRate[] = []
    const key = `${subject.model} ${workers}`
    const throughput = throughputs.get(key) ?? saturation.throughputPerS
    throughputs.set(key, throughput)
    const loads = plan.rateWorkers.includes(workers) ? plan.loads : []
    for (const load of shuffled(loads, seededRandom(seed('order')))) {
      const ratePerS = Number((load * throughput).toPrecision(3))
      if (!(ratePerS > 0)) continue
      events.onSlice?.(`${label}: ${ratePerS}/s`)
      rates.push(
        await measureRate(
          subject,
          server,
          { ...task, ratePerS, durationS: plan.rateS, seed: seed('rate', load) },
          context,
        ),
      )
    }
    return { routes, saturations: [saturation], rates }
  })
}

function launchLabel(subject: Subject, workers: number): string {
  return `${subject.model}, ${workers} worker${workers === 1 ? '' : 's'}`
}

function countsOf(subject: Subject, workers: readonly number[]): readonly number[] {
  return subject.fixedSize ? [1] : workers
}
