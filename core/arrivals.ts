/** How well gaps between arrivals fit an exponential distribution. */
export interface ExponentialFit {
  /** The Anderson-Darling statistic A² for an unknown mean, with Stephens' factor 1 + 0.6/n. */
  readonly statistic: number
  /** True when the fit is not rejected at that level. */
  readonly passes: boolean
}

/** Share of truly exponential samples that the test rejects, with the statistic's critical value. */
export const CRITICAL_VALUES: Readonly<Record<'5%' | '1%', number>> = { '5%': 1.321, '1%': 1.959 }

/**
 * Anderson-Darling test of gaps against the exponential distribution with their own mean (Stephens, JASA 69, 1974;
 * D'Agostino & Stephens, Goodness-of-Fit Techniques, table 4.14). Order does not matter; gaps are in any unit. Needs at
 * least five gaps, else it passes nothing; gaps of 0 (two arrivals at once) count as the shortest gap above 0.
 */
export function fitExponential(gaps: readonly number[], level: '5%' | '1%' = '1%'): ExponentialFit {
  const n = gaps.length
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / n
  const least = gaps.reduce((smallest, gap) => (gap > 0 && gap < smallest ? gap : smallest), mean)
  if (n < 5 || !(mean > 0)) return { statistic: Number.NaN, passes: false }
  const sorted = Float64Array.from(gaps, (gap) => Math.max(gap, least) / mean).sort()
  let sum = 0
  for (let i = 0; i < n; i++) {
    const below = Math.log(-Math.expm1(-(sorted[i] ?? 0)))
    const above = -(sorted[n - 1 - i] ?? 0)
    sum += (2 * i + 1) * (below + above)
  }
  const statistic = (-n - sum / n) * (1 + 0.6 / n)
  return { statistic, passes: statistic <= CRITICAL_VALUES[level] }
}

/**
 * How far a load is from Little's law N = X·R (Little, Operations Research 9, 1961), as a share of N: 0.02 = 2 %. N is the
 * mean number in flight (the connections of a closed loop without pauses), X the answers per second, R the mean latency
 * in seconds. Infinity when nothing was in flight although answers came.
 */
export function littleGap(inFlight: number, ratePerS: number, latencyS: number): number {
  const expected = ratePerS * latencyS
  if (inFlight === 0) return expected === 0 ? 0 : Infinity
  return Math.abs(inFlight - expected) / inFlight
}
