import { resolvedQuantile } from '../core/resolved-quantiles.ts'
import { hasFaultyLatencies } from '../analysis/comparison/latencies.ts'
import type { MeasuredTrial, ResultCell, SliceRecord } from '../core/records.ts'
import { type EventLoopReading, readEventLoops } from './event-loop.ts'
import { type CurvePoint, LatencyPool } from './latency-pool.ts'
import { countedTrials, type RecordedRun } from './run.ts'

/** What the plots of one cell need beyond its result. */
export interface CellDigest {
  /** Values of each block that counts, in the order of the blocks. */
  readonly blocks: readonly {
    readonly block: number
    readonly throughputRps: number
    readonly cpuMs: number | null
    readonly p50Ms: number | null
    readonly p99Ms: number | null
  }[]
  /** The pooled latencies of slice B. */
  readonly curve: readonly CurvePoint[]
}

/** One slice of a trial on the time axis of the run. */
export interface TimelineSlice {
  readonly model: string
  readonly workload: string
  readonly slice: 'saturation' | 'latency'
  readonly kept: boolean
  /** Seconds since the run began. */
  readonly fromS: number
  readonly toS: number
  /** Counted seconds: answers per second and p99 in milliseconds. */
  readonly seconds: readonly { readonly atS: number; readonly ratePerS: number; readonly p99Ms: number | null }[]
  readonly serverCores: number
  readonly generatorCores: number
  readonly foreignCores: number
  readonly memoryBytes: number
  /** The event loops over the whole trial, where they were recorded; with its first slice. */
  readonly eventLoop: readonly {
    readonly atS: number
    readonly utilization: number | null
    readonly delayMs: number | null
  }[]
}

/** The whole run on one time axis. */
export interface Timeline {
  readonly slices: readonly TimelineSlice[]
  readonly lengthS: number
  /** Parts of the run that were dropped, with the reasons. */
  readonly dropped: readonly { readonly fromS: number; readonly toS: number; readonly why: string }[]
  /** 1 = every block is in `slices`; n = every n-th, since a longer run has more than a plot can show. */
  readonly everyBlocks: number
}

/** What plots need of a run, small whatever the run's size. */
export interface RunDigest {
  readonly cells: ReadonlyMap<string, CellDigest>
  readonly timeline: Timeline
}

/** Slices that a timeline shows at most; a longer run shows every n-th block. */
const MOST_SLICES = 2400

/** Reads a run once and keeps what its plots need. */
export function digestRun(run: RecordedRun): RunDigest {
  const counted = countedTrials(run)
  const pools = new Map<string, { blocks: CellDigest['blocks'][number][]; pool: LatencyPool }>()
  for (const trial of counted) {
    const key = cellKey(trial)
    const found = pools.get(key) ?? { blocks: [], pool: new LatencyPool() }
    pools.set(key, found)
    found.blocks.push(blockValues(trial))
    const histogram = trial.latency === null || hasFaultyLatencies(trial) ? null : run.histograms(trial.id, 'latency')
    if (histogram !== null) found.pool.add(histogram)
  }
  const cells = new Map(
    [...pools].map(([key, { blocks, pool }]) => [
      key,
      { blocks: blocks.toSorted((a, b) => a.block - b.block), curve: pool.curve() },
    ]),
  )
  return { cells, timeline: timelineOf(run, new Set(counted)) }
}

/** Under which a cell's digest is kept. */
export function cellKey({ model, workload }: Pick<ResultCell, 'model' | 'workload'>): string {
  return `${model}\u0000${workload}`
}

function blockValues(trial: MeasuredTrial): CellDigest['blocks'][number] {
  return {
    block: trial.block,
    throughputRps: trial.saturation.load.achievedRatePerS,
    cpuMs: trial.saturation.cpuMsPerRequest,
    p50Ms: trial.latency === null ? null : resolvedQuantile(trial.latency.load.latencyMs, 'p50'),
    p99Ms: trial.latency === null ? null : resolvedQuantile(trial.latency.load.latencyMs, 'p99'),
  }
}

function timelineOf(run: RecordedRun, counted: ReadonlySet<MeasuredTrial>): Timeline {
  const measured = run.trials.filter((trial): trial is MeasuredTrial => trial.outcome !== 'failed')
  let startMs = Infinity
  for (const trial of measured) startMs = Math.min(startMs, trial.startedAtMs)
  const rejected = new Map(
    run.blocks
      .filter((block) => !block.kept)
      .map((block) => [`${block.block} of ${block.workload}`, block.reasons.join('; ')]),
  )
  const everyBlocks = Math.max(1, Math.ceil((measured.length * 2) / MOST_SLICES))
  const slices: TimelineSlice[] = []
  const eventLoops = run.dir === undefined ? null : readEventLoops(run.dir)
  const dropped = new Map<string, { fromS: number; toS: number; why: string }>()
  let lengthS = 0
  for (const trial of measured) {
    const readings = eventLoops?.get(trial.id) ?? []
    const endS = endOf(trial, startMs)
    const lastReading = readings.at(-1)
    lengthS = Math.max(lengthS, endS, lastReading === undefined ? 0 : (lastReading.atMs - startMs) / 1000)
    const key = `${trial.block} of ${trial.workload}`
    const why = rejected.get(key)
    if (why !== undefined) {
      const fromS = (trial.startedAtMs - startMs) / 1000
      const toS = Math.max(fromS, endS)
      const before = dropped.get(key) ?? { fromS, toS, why: `block ${key}: ${why}` }
      dropped.set(key, { ...before, fromS: Math.min(before.fromS, fromS), toS: Math.max(before.toS, toS) })
    }
    // Most trials of a long run are not shown: their seconds are not worth the work.
    if ((trial.block - 1) % everyBlocks !== 0) continue
    slices.push(...slicesOf(trial, startMs, counted.has(trial) || trial.control, readings))
  }
  return { slices, lengthS, dropped: [...dropped.values()], everyBlocks }
}

/** Seconds since the run began at which a trial's slices begin, and at which the last of them ends. */
function beginningOf({ startedAtMs, startS, warmup }: MeasuredTrial, startMs: number): number {
  return (startedAtMs - startMs) / 1000 + startS + (warmup?.tookS ?? 0)
}

function endOf(trial: MeasuredTrial, startMs: number): number {
  return beginningOf(trial, startMs) + trial.saturation.load.countedS + (trial.latency?.load.countedS ?? 0)
}

/** A trial's slices in time: saturation after start and warm-up, the latency slice after it. */
function slicesOf(
  trial: MeasuredTrial,
  startMs: number,
  kept: boolean,
  eventLoop: readonly EventLoopReading[],
): TimelineSlice[] {
  const { model, workload, saturation, latency } = trial
  const beginS = beginningOf(trial, startMs)
  const readings = eventLoop.map(({ atMs, utilization, delayS }) => ({
    atS: (atMs - startMs) / 1000,
    utilization,
    delayMs: delayS === null ? null : delayS * 1000,
  }))
  const first = sliceOf({ model, workload, slice: 'saturation', kept, fromS: beginS, eventLoop: readings }, saturation)
  if (latency === null) return [first]
  return [first, sliceOf({ model, workload, slice: 'latency', kept, fromS: first.toS, eventLoop: [] }, latency)]
}

type Place = Pick<TimelineSlice, 'model' | 'workload' | 'slice' | 'kept' | 'fromS' | 'eventLoop'>

function sliceOf(place: Place, { load, server, host }: SliceRecord): TimelineSlice {
  const cpuS = server.reduce((sum, unit) => sum + unit.cpuS, 0)
  return {
    ...place,
    toS: place.fromS + load.countedS,
    seconds: load.seconds.map(({ atS, ok, p99Ms }) => ({ atS: place.fromS + atS + 0.5, ratePerS: ok, p99Ms })),
    serverCores: host.wallS > 0 ? cpuS / host.wallS : 0,
    generatorCores: host.generatorCores,
    foreignCores: host.foreignCores,
    memoryBytes: server.reduce((sum, unit) => sum + (unit.pssBytes ?? unit.rssBytes), 0),
  }
}
