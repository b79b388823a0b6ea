/** A robust centre of values with its distribution-free intervals. */
export interface RobustCentre {
  /** Hodges-Lehmann estimate: median of all Walsh averages. */
  readonly centre: number
  /**
   * The exact signed-rank interval of that confidence. Unbounded where so few values cannot reach it: below 6 values for
   * 95 %, below 5 for 90 %.
   */
  readonly interval: (confidence: number) => { readonly low: number; readonly high: number }
}

/**
 * The Hodges-Lehmann estimate of the centre of symmetry and its exact signed-rank interval (Hodges & Lehmann 1963;
 * Tukey 1949; Hollander & Wolfe, Nonparametric Statistical Methods, 3.2 and 3.3).
 */
export function hodgesLehmann(values: readonly number[]): RobustCentre {
  const averages = walshAverages(values)
  const last = averages.length - 1
  return {
    centre: ((averages[last >> 1] ?? Number.NaN) + (averages[(last + 1) >> 1] ?? Number.NaN)) / 2,
    interval: (confidence) => {
      const outside = averagesOutside(values.length, (1 - confidence) / 2)
      return {
        low: outside === 0 ? -Infinity : (averages[outside - 1] ?? -Infinity),
        high: outside === 0 ? Infinity : (averages[last + 1 - outside] ?? Infinity),
      }
    },
  }
}

/** All means of two values, each with itself included, ascending: n(n + 1)/2 of them. */
export function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2)
  let filled = 0
  for (const [i, value] of values.entries()) {
    for (let j = i; j < values.length; j++) averages[filled++] = (value + (values[j] ?? 0)) / 2
  }
  return averages.sort()
}

/**
 * Probability that Wilcoxon's signed-rank statistic of n values without ties is at most k: the share of the 2^n choices
 * of signs whose positive ranks sum to k or less, counted exactly.
 */
export function signedRankCdf(k: number, n: number): number {
  if (k < 0) return 0
  const cumulative = signedRankTable(n)
  return cumulative[Math.min(Math.floor(k), cumulative.length - 1)] ?? 1
}

/** How many Walsh averages at each end lie outside an interval that leaves at most `tail` on each side. */
function averagesOutside(n: number, tail: number): number {
  const beyond = signedRankTable(n).findIndex((probability) => probability > tail)
  return beyond === -1 ? 0 : beyond
}

const tables: Map<number, readonly number[]> = new Map()

/** Cumulative probabilities of the signed-rank statistic, 0 … n(n + 1)/2. */
function signedRankTable(n: number): readonly number[] {
  const known = tables.get(n)
  if (known !== undefined) return known
  let probabilities = [1]
  for (let rank = 1; rank <= n; rank++) {
    const next = Array.from({ length: probabilities.length + rank }, () => 0)
    probabilities.forEach((probability, sum) => {
      next[sum] = (next[sum] ?? 0) + probability / 2
      next[sum + rank] = (next[sum + rank] ?? 0) + probability / 2
    })
    probabilities = next
  }
  let total = 0
  const cumulative = probabilities.map((probability) => (total += probability))
  tables.set(n, cumulative)
  return cumulative
}
