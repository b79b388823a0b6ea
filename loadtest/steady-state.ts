/** Fewest observations on which a series is judged. */
const LEAST_OBSERVATIONS = 10
/** Fewest observations that are kept when the slow start is cut off. */
const LEAST_KEPT = 6
/** Fewest waves of a closed loop on which it is judged. */
const LEAST_WAVES = 8
/** A drift over the kept part below this share of its mean is no drift worth waiting for. */
const MATERIAL_DRIFT = 0.03
/** A slope with |t| above this is no chance: two-sided about 1 % with fourteen observations. */
const SIGNIFICANT_T = 3

/** Whether a series of rates has settled, and from where on. */
export interface SteadyState {
  readonly steady: boolean
  /** First observation after the slow start, by MSER; the length of a series that is too short to decide. */
  readonly from: number
  /** Change over the kept part by its regression line, relative to its mean. */
  readonly drift: number
}

/**
 * Judges whether the last half or more of a series of rates (answers per 50 ms, say) is steady:
 *
 * 1. The slow start is cut off by MSER (K. P. White, "An effective truncation heuristic for bias reduction in simulation
 *    output", Simulation 69(6), 1997): drop the first d observations for the d that makes the squared standard error of
 *    the mean of the rest, s²(d)/(n−d), smallest. A d beyond half of the series, or that leaves fewer than six, is not considered: what is kept would be
 *    too little to decide. From fifty observations on they are first averaged in fives (MSER-5; White, Cobb and Spratt,
 *    WSC 2000).
 * 2. What is kept must not drift: the change along its regression line is not both material (more than 3 % of the mean)
 *    and significant (|t| > 3).
 */
export function steadyState(rates: readonly number[], least: number = LEAST_OBSERVATIONS): SteadyState {
  if (rates.length < least) return { steady: false, from: rates.length, drift: 0 }
  const batch = rates.length >= 50 ? 5 : 1
  const from = truncationPoint(batchMeans(rates, batch)) * batch + (rates.length % batch)
  const kept = rates.slice(from)
  const { drift, t } = driftOf(kept)
  const answering = kept.some((rate) => rate > 0)
  return { steady: answering && !(Math.abs(drift) > MATERIAL_DRIFT && Math.abs(t) > SIGNIFICANT_T), from, drift }
}

/**
 * Whether a closed loop is steady, from the instants at which it had answered as many requests as it has connections,
 * twice as many, and so on. Over shorter spans its rates say little: answers come in bursts, and of a mix the short requests
 * come first, so that the rate falls until the connections wait for what they will wait for in the long run.
 */
export function isSteadyByWaves(waveEndsMs: readonly number[]): boolean {
  const rates = waveEndsMs.slice(1).map((endMs, i) => 1000 / Math.max(1e-3, endMs - (waveEndsMs[i] ?? 0)))
  return steadyState(rates, LEAST_WAVES).steady
}

/** Means of consecutive groups of `size`; a last group that is not full is left out of the front, as it is the oldest. */
export function batchMeans(values: readonly number[], size: number): number[] {
  const batches: number[] = []
  for (let end = values.length; end >= size; end -= size) {
    batches.unshift(values.slice(end - size, end).reduce((sum, value) => sum + value, 0) / size)
  }
  return batches
}

/** The d of at most half of the series, which keeps six observations, that makes s²(d)/(n−d) smallest; the smallest such d. */
function truncationPoint(values: readonly number[]): number {
  const latest = Math.max(0, Math.min(Math.floor(values.length / 2), values.length - LEAST_KEPT))
  let sum = 0
  let squares = 0
  let best = { d: latest, score: Number.POSITIVE_INFINITY }
  for (let d = values.length - 1; d >= 0; d--) {
    const value = values[d] as number
    const n = values.length - d
    sum += value
    squares += value * value
    const score = Math.max(0, squares - (sum * sum) / n) / (n * n)
    if (d <= latest && score <= best.score) best = { d, score }
  }
  return best.d
}

/** Least squares of the values on their index: the change from end to end relative to the mean, and the slope's t. */
function driftOf(values: readonly number[]): { drift: number; t: number } {
  const n = values.length
  const middle = (n - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const sxx = (n * (n * n - 1)) / 12
  const slope = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0) / sxx
  const residual = values.reduce((sum, value, i) => sum + (value - mean - slope * (i - middle)) ** 2, 0)
  const standardError = Math.sqrt(residual / (n - 2) / sxx)
  const t = slope === 0 ? 0 : slope / standardError
  return { drift: mean === 0 ? 0 : (slope * (n - 1)) / mean, t }
}
