import type { LatencySummary } from './load.ts'

/** Samples that must lie above a quantile before it counts as resolved: with fewer it is the luck of a few requests. */
export const LEAST_RESOLVED_ABOVE = 10

const SHARES_ABOVE = { p50: 0.5, p90: 0.1, p95: 0.05, p99: 0.01, p999: 0.001 } as const

/** True when `count` samples resolve a quantile that a share `shareAbove` of them lies above. */
export function resolvesQuantile(count: number, shareAbove: number): boolean {
  // Products like 1000 × 0.01 may come out a little below the whole number.
  return count * shareAbove >= LEAST_RESOLVED_ABOVE - 1e-9
}

/** A summary without the quantiles that too few samples lie above. Mean and maximum stay. */
export function resolvedQuantiles<S extends LatencySummary>(summary: S): S {
  const few = Object.entries(SHARES_ABOVE).filter(([, above]) => !resolvesQuantile(summary.count, above))
  return { ...summary, ...Object.fromEntries(few.map(([name]) => [name, null])) }
}

/** A quantile of a summary, or null where too few samples lie above it. */
export function resolvedQuantile(summary: LatencySummary, name: keyof typeof SHARES_ABOVE): number | null {
  return resolvesQuantile(summary.count, SHARES_ABOVE[name]) ? summary[name] : null
}
