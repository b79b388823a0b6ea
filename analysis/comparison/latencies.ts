import type { LatencyHistogram } from '../../core/histogram.ts'
import type { MeasuredTrial, TrialRecord } from '../../core/records.ts'
import { type Counts, countsOf, PooledLatencies } from '../statistics/pooled-quantile.ts'

/** Where the histograms of a run are read: by trial and slice, of one route or of all. Null where there is none. */
export type HistogramSource = (
  trialId: string,
  slice: 'saturation' | 'latency',
  route?: string,
) => LatencyHistogram | null

/** True when slice B was measured, but not as asked (late sends, say): its latencies decide nothing. */
export function hasFaultyLatencies(trial: TrialRecord): boolean {
  return trial.outcome !== 'failed' && (trial.latency?.faults ?? []).length > 0
}

/**
 * The latencies of a run's slices B. Each histogram is read once and kept as its counts alone, and each pool is made once,
 * so that a campaign of thousands of trials takes seconds and fits in memory.
 */
export class Latencies {
  readonly #source: HistogramSource
  readonly #counts: Map<string, Counts | null> = new Map()
  readonly #pools: Map<string, PooledLatencies> = new Map()

  constructor(source: HistogramSource) {
    this.#source = source
  }

  /** True when a trial has latencies that may be used, of one route or of all. */
  has(trial: MeasuredTrial, route?: string): boolean {
    return this.#countsOf(trial, route) !== null
  }

  /** The latencies of several trials as one pool; trials that have none are left out. */
  pool(trials: readonly MeasuredTrial[], route?: string): PooledLatencies {
    const key = JSON.stringify([route, trials.map(({ id }) => id)])
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const pool = new PooledLatencies(
      trials.map((trial) => this.#countsOf(trial, route)).filter((counts) => counts !== null),
    )
    this.#pools.set(key, pool)
    return pool
  }

  #countsOf(trial: MeasuredTrial, route: string | undefined): Counts | null {
    const key = JSON.stringify([trial.id, route])
    const known = this.#counts.get(key)
    if (known !== undefined) return known
    const counts = hasFaultyLatencies(trial) ? null : this.#read(trial.id, route)
    this.#counts.set(key, counts)
    return counts
  }

  #read(trialId: string, route: string | undefined): Counts | null {
    const histogram = route === undefined ? this.#source(trialId, 'latency') : this.#source(trialId, 'latency', route)
    return histogram === null || histogram.count === 0 ? null : countsOf(histogram)
  }
}
