import { LatencyHistogram } from '../core/histogram.ts'
import type { LoadRecord } from '../core/load.ts'
import { bucketCounts } from '../core/metrics.ts'
import type { LoadTotals } from './driver-progress.ts'

/** The totals of a finished load, as its progress would have reported them at the very end. */
export function totalsOf(record: LoadRecord): LoadTotals {
  const { sent, ok, non2xx, timeouts, connectionErrors, answered, lifetime } = record
  const latency = LatencyHistogram.fromBase64(record.histogram)
  const { counts, sumS } = bucketCounts(latency.recorded())
  return {
    sent: Math.max(sent, lifetime.sent),
    ok,
    non2xx,
    timeouts,
    connectionErrors,
    uncounted: Math.max(0, lifetime.answered - answered),
    latencyCounts: counts,
    latencySumS: sumS,
  }
}

/** The sum of several totals; null for none. */
export function addTotals(all: readonly LoadTotals[]): LoadTotals | null {
  const [first, ...rest] = all
  if (first === undefined) return null
  return rest.reduce(
    (a, b) => ({
      sent: a.sent + b.sent,
      ok: a.ok + b.ok,
      non2xx: a.non2xx + b.non2xx,
      timeouts: a.timeouts + b.timeouts,
      connectionErrors: a.connectionErrors + b.connectionErrors,
      uncounted: a.uncounted + b.uncounted,
      latencyCounts: addCounts(a.latencyCounts, b.latencyCounts),
      latencySumS: a.latencySumS + b.latencySumS,
      ...((a.routes ?? b.routes) !== undefined && { routes: addRoutes(a.routes ?? {}, b.routes ?? {}) }),
    }),
    first,
  )
}

function addRoutes(
  a: NonNullable<LoadTotals['routes']>,
  b: NonNullable<LoadTotals['routes']>,
): NonNullable<LoadTotals['routes']> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return Object.fromEntries(names.map((name) => [name, addCounts(a[name] ?? [], b[name] ?? [])]))
}

function addCounts(a: readonly number[], b: readonly number[]): number[] {
  return (a.length >= b.length ? a : b).map((_, i) => (a[i] ?? 0) + (b[i] ?? 0))
}
