import { DURATION_BUCKETS_S } from '../../core/metrics.ts'
import type { LatencyLimit, LoadSecondFigures } from '../../core/timeline.ts'

/** Seconds that are told further apart than this, in ms, are not one after the other. */
const GAP_MS = 1900

/** Buckets drawn at least, so that a quiet server does not fill the height with one. */
const LEAST_ROWS = 6

/** First and last bucket that the seconds have anything in, or a limit is in, with room for at least six. */
export function heatBuckets(
  seconds: readonly Pick<LoadSecondFigures, 'counts' | 'p50Ms' | 'p99Ms'>[],
  limits: readonly LatencyLimit[] = [],
): readonly [lowest: number, highest: number] {
  let [lowest, highest] = [DURATION_BUCKETS_S.length, -1]
  const use = (row: number): void => {
    lowest = Math.min(lowest, row)
    highest = Math.max(highest, row)
  }
  for (const { ms } of limits) use(Math.min(DURATION_BUCKETS_S.length, Math.floor(rowAt(ms))))
  for (const { counts, p50Ms, p99Ms } of seconds) {
    counts.forEach((count, row) => {
      if (count > 0) use(row)
    })
    // Where no histogram was kept, the quantiles alone are drawn.
    if (counts.length > 0) continue
    for (const ms of [p50Ms, p99Ms]) if (ms !== null) use(Math.min(DURATION_BUCKETS_S.length, Math.floor(rowAt(ms))))
  }
  if (highest === -1) return [0, LEAST_ROWS - 1]
  const above = Math.min(DURATION_BUCKETS_S.length, Math.max(highest, lowest + LEAST_ROWS - 1))
  return [Math.min(lowest, above - LEAST_ROWS + 1), above]
}

/** Place of a latency on the axis of the buckets, whole at their lower bounds, logarithmic between. */
export function rowAt(ms: number): number {
  const s = ms / 1000
  const row = DURATION_BUCKETS_S.findIndex((bound) => s <= bound)
  if (row === -1) return DURATION_BUCKETS_S.length + 0.5
  const high = DURATION_BUCKETS_S[row] ?? 1
  const low = DURATION_BUCKETS_S[row - 1] ?? high / 2
  return row + Math.max(0, Math.log(s / low) / Math.log(high / low))
}

/** Which latencies a bucket holds, by its upper bound: `25 ms`, `2.5 s`, or `above` for those that no bound holds. */
export function boundText(row: number): string {
  const bound = DURATION_BUCKETS_S[row]
  if (bound === undefined) return 'above'
  return bound < 1 ? `${Math.round(bound * 1e6) / 1000} ms` : `${bound} s`
}

/** Whether the upper bound of a bucket is a power of ten: those are read first on an axis. */
export function isDecade(row: number): boolean {
  const power = Math.log10(DURATION_BUCKETS_S[row] ?? 0.5)
  return Math.abs(power - Math.round(power)) < 1e-9
}

/** Whether seconds are missing between two, so that what was told of them side by side is not to be connected. */
export function hasGap(before: { readonly atMs: number } | undefined, second: { readonly atMs: number }): boolean {
  return before !== undefined && second.atMs - before.atMs > GAP_MS
}
