import type { LatencySummary } from './load.ts'

/** Samples that must lie above a quantile before it is told: of fewer than that it is the luck of a few requests. */
export const LEAST_TOLD_ABOVE = 10

const SHARES_ABOVE = { p50: 0.5, p90: 0.1, p95: 0.05, p99: 0.01, p999: 0.001 } as const

/** True when so many samples tell a quantile of which that share lies above. */
export function tellsQuantile(count: number, shareAbove: number): boolean {
  // Products like 1000 × 0.01 may come out a little below the whole number.
  return count * shareAbove >= LEAST_TOLD_ABOVE - 1e-9
}

/** A summary without the quantiles that too few samples lie above. Mean and maximum stay. */
export function toldQuantiles<S extends LatencySummary>(summary: S): S {
  const few = Object.entries(SHARES_ABOVE).filter(([, above]) => !tellsQuantile(summary.count, above))
  return { ...summary, ...Object.fromEntries(few.map(([name]) => [name, null])) }
}

/** A quantile of a summary, or null where too few samples lie above it. */
export function toldQuantile(summary: LatencySummary, name: keyof typeof SHARES_ABOVE): number | null {
  return tellsQuantile(summary.count, SHARES_ABOVE[name]) ? summary[name] : null
}
