import { countText } from '../../analysis/wording.ts'
import {
  type CapacityMeasurement,
  type MeasuredRate,
  type MeasuredRoute,
  type MeasuredSaturation,
  SEARCH_BLOCK,
} from '../../core/capacity.ts'
import type { MachineFacts } from '../../core/machine.ts'
import { formatRate } from '../../core/quantities.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { Emit, MeasuredLaunch, MeasuredSlice } from '../events.ts'
import { type Patience, waitUntilSettled } from '../settling.ts'
import {
  judgedSaturation,
  measureRate,
  measureSaturation,
  measureUnloaded,
  OPEN_CONNECTIONS,
  type Saturation,
  unloadedMedianMs,
} from './slices.ts'
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
  readonly unloadedS: number
  readonly rateS: number
  readonly seed: number
  /** Seconds, in all, that the run may wait for other programs to use less CPU. */
  readonly patienceS: number
}

/** Where measurements are made, reported and kept. */
export interface MeasuringSurroundings {
  readonly context: TrialContext
  readonly machine: MachineFacts
  readonly emit: Emit
  /** Keeps all that was found of a subject so far; called whenever a launch of it is measured through. */
  readonly keep: (measurement: CapacityMeasurement) => void
  /** What a run that stopped had kept: its launches are not measured again. */
  readonly finished?: readonly CapacityMeasurement[]
}

/**
 * Measures subjects in blocks: each block launches every worker count of every subject once, in seeded random order,
 * and measures requests that meet no other, saturation, and latency at several rates of that launch. What is finished is
 * kept after each launch, so that an interruption loses one launch at most. Rates are fixed by the first block, so that
 * blocks can be pooled.
 */
export async function measureCapacity(
  subjects: readonly Subject[],
  plan: MeasuringPlan,
  surroundings: MeasuringSurroundings,
): Promise<CapacityMeasurement[]> {
  const { context, machine, emit, keep, finished = [] } = surroundings
  const records = new Map(
    subjects.map((subject) => [
      subject,
      new SubjectRecord(subject, machine, context, measurementOf(subject, finished)),
    ]),
  )
  const patience: Patience = { leftS: plan.patienceS }
  for (let block = 1; block <= plan.blocks; block++) {
    const launches = subjects.flatMap((subject) =>
      countsOf(subject, plan.workers).map((workers) => ({ subject, workers })),
    )
    for (const { subject, workers } of shuffled(launches, seededRandom(deriveSeed(plan.seed, 'block', block)))) {
      const record = records.get(subject) as SubjectRecord
      if (record.has(block, workers)) continue
      const { model, workload } = subject
      const launch: MeasuredLaunch = { model, workload: workload.id, workers, block, blocks: plan.blocks }
      await waitUntilSettled(context, patience, emit)
      emit({ type: 'launch-started', launch })
      record.add(await measureLaunch(subject, launch, plan, record, emit))
      keep(record.measurement())
      emit({ type: 'launch-finished', launch })
      context.signal.throwIfAborted()
    }
  }
  return [...records.values()].map((record) => record.measurement())
}

/** Requests per second of the saturations that the dependency limited; null when none was. */
export function dependencyRate(saturations: readonly MeasuredSaturation[]): number | null {
  const limited = saturations.filter(({ limit }) => limit === 'dependency').map(({ throughputPerS }) => throughputPerS)
  return limited.length === 0 ? null : Math.max(...limited)
}

/** Slices that a plan has, for the progress. */
export function sliceCount(subjects: readonly Pick<Subject, 'fixedSize'>[], plan: MeasuringPlan): number {
  const perBlock = subjects.map((subject) => {
    const counts = countsOf(subject, plan.workers)
    const rated = counts.filter((workers) => plan.rateWorkers.includes(workers)).length
    return (plan.saturationS > 0 ? counts.length : 0) + (plan.unloadedS > 0 ? 1 : 0) + rated * plan.loads.length
  })
  return plan.blocks * perBlock.reduce((sum, count) => sum + count, 0)
}

/** The measurement of a subject among others; null where there is none. */
export function measurementOf(
  { model, workload }: Pick<Subject, 'model' | 'workload'>,
  measurements: readonly CapacityMeasurement[],
): CapacityMeasurement | null {
  return measurements.find((each) => each.model === model && each.workload === workload.id) ?? null
}

/** Slices that a measurement has, of those that {@link sliceCount} counts. */
export function slicesIn({ routes, saturations, rates }: CapacityMeasurement): number {
  const counted = rates.filter(({ block }) => block !== SEARCH_BLOCK).length
  return saturations.length + new Set(routes.map(({ block }) => block)).size + counted
}

interface Found {
  readonly routes: readonly MeasuredRoute[]
  readonly saturations: readonly Saturation[]
  readonly rates: readonly MeasuredRate[]
}

/** All that is known of a subject: what limited its saturations is judged by all of it, the unloaded latency included. */
class SubjectRecord {
  readonly #subject: Subject
  readonly #machine: MachineFacts
  readonly #context: Pick<TrialContext, 'settings' | 'cores'>
  #found: Found

  constructor(
    subject: Subject,
    machine: MachineFacts,
    context: Pick<TrialContext, 'settings' | 'cores'>,
    finished: CapacityMeasurement | null,
  ) {
    this.#subject = subject
    this.#machine = machine
    this.#context = context
    const { routes = [], saturations = [], rates = [] } = finished ?? {}
    this.#found = { routes, saturations, rates: rates.filter(({ block }) => block !== SEARCH_BLOCK) }
  }

  /** Whether a launch is measured; each has a saturation. */
  has(block: number, workers: number): boolean {
    return this.#found.saturations.some((each) => each.block === block && each.workers === workers)
  }

  add({ routes, saturations, rates }: Found): void {
    const found = this.#found
    this.#found = {
      routes: [...found.routes, ...routes],
      saturations: [...found.saturations, ...saturations],
      rates: [...found.rates, ...rates],
    }
  }

  /** Throughput of the first saturation with that many workers; null where there was none yet. */
  firstThroughputPerS(workers: number): number | null {
    return this.#found.saturations.find((each) => each.workers === workers)?.throughputPerS ?? null
  }

  measurement(): CapacityMeasurement {
    const { routes, rates } = this.#found
    const { settings, cores } = this.#context
    const serverCpus = settings.placement?.server.length ?? null
    const known = { cores, serverCpus, floorMs: unloadedMedianMs(routes) }
    const saturations = this.#found.saturations.map((each) => judgedSaturation(this.#subject, each, known))
    const { model, workload, routing, executor, threads, fixedSize, node, python, parallelThreads } = this.#subject
    const { id, cpu, node: usualNode } = this.#machine
    return {
      schema: 'forkwise/capacity-measurement@1',
      model,
      workload: workload.id,
      routing,
      executor,
      threads,
      fixedSize,
      machine: { id, cpu, cores: settings.placement?.server.length ?? cores, node: usualNode },
      ...(node === undefined ? {} : { node }),
      ...(python === undefined ? {} : { python }),
      ...(parallelThreads === undefined ? {} : { parallelThreads }),
      connections: { count: OPEN_CONNECTIONS, choice: 'least-recent', opened: 'on-demand' },
      routes,
      saturations,
      rates,
      dependencyPerS: dependencyRate(saturations),
    }
  }
}

async function measureLaunch(
  subject: Subject,
  launch: MeasuredLaunch,
  plan: MeasuringPlan,
  record: SubjectRecord,
  emit: Emit,
): Promise<Found> {
  const { workers, block } = launch
  const seed = (part: string, load = 0): number => deriveSeed(plan.seed, subject.model, workers, block, part, load)
  const step = (slice: string): void => emit({ type: 'step-started', label: `${launchLabel(launch)}: ${slice}` })
  const finished = (slice: MeasuredSlice): void => emit({ type: 'slice-finished', launch, slice })
  return subject.run(workers, async (server, context) => {
    const task = { block, workers }
    step('saturation')
    const saturation = await measureSaturation(
      subject,
      server,
      { ...task, durationS: plan.saturationS, seed: seed('saturation') },
      context,
    )
    const { evidence: _, ...shown } = saturation
    finished({ kind: 'saturation', ...shown })
    let routes: MeasuredRoute[] = []
    if (plan.unloadedS > 0 && workers === Math.min(...countsOf(subject, plan.workers))) {
      step('one request at a time')
      routes = await measureUnloaded(
        subject,
        server,
        { ...task, durationS: plan.unloadedS, seed: seed('lone') },
        context,
      )
      for (const { histogram: _, ...route } of routes) finished({ kind: 'unloaded', ...route })
    }
    const rates: MeasuredRate[] = []
    const throughput = record.firstThroughputPerS(workers) ?? saturation.throughputPerS
    const loads = plan.rateWorkers.includes(workers) ? plan.loads : []
    for (const load of shuffled(loads, seededRandom(seed('order')))) {
      const ratePerS = Number((load * throughput).toPrecision(3))
      if (!(ratePerS > 0)) continue
      step(formatRate(ratePerS))
      const rate = await measureRate(
        subject,
        server,
        { ...task, ratePerS, durationS: plan.rateS, seed: seed('rate', load) },
        context,
      )
      rates.push(rate)
      const { histogram: _, arrivals: __, ...measured } = rate
      finished({ kind: 'rate', ...measured })
    }
    return { routes, saturations: [saturation], rates }
  })
}

function launchLabel({ model, workers, block, blocks }: MeasuredLaunch): string {
  return `block ${block} of ${blocks}, ${model}, ${countText(workers, 'worker')}`
}

function countsOf({ fixedSize }: Pick<Subject, 'fixedSize'>, workers: readonly number[]): readonly number[] {
  return fixedSize ? [1] : workers
}
