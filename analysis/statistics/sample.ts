/** Arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Sample standard deviation (n − 1 in the denominator); NaN for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

/** Middle value, or the mean of the two middle ones; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * Degrees of freedom that the variance of n values really has: its own variance is σ⁴(2/(n − 1) + κ/n) with excess
 * kurtosis κ, so by Satterthwaite's matching 2/(2/(n − 1) + κ/n). A few busy periods make the tail of a queue, hence κ is
 * large there and n − 1 degrees would promise too much: intervals of p99 at load 0.7 cover 91 % with n − 1 degrees and
 * 94 % with these (500 simulated M/M/1 experiments each, 8 to 20 blocks). Never below 2 nor above n − 1.
 */
export function effectiveDegrees(values: readonly number[]): number {
  const n = values.length
  const most = n - 1
  const centre = mean(values)
  const [second, fourth] = [2, 4].map((power) => mean(values.map((value) => (value - centre) ** power)))
  if (n < 4 || second === undefined || fourth === undefined || second === 0) return most
  const plain = fourth / second ** 2 - 3
  const kurtosis = (most / ((n - 2) * (n - 3))) * ((n + 1) * plain + 6)
  return Math.min(most, Math.max(2, 2 / (2 / most + Math.max(0, kurtosis) / n)))
}
