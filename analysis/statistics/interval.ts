import { type Estimate, UNBOUNDED } from '../../core/records.ts'
import { mean, standardDeviation } from './sample.ts'
import { tQuantile } from './student.ts'

/**
 * A quantity on the natural-log scale with its standard error: a mean of block values, or a pooled quantile with its
 * jackknife. Differences of two such (log-ratios) have the same shape.
 */
export interface LogEstimate {
  /** Natural logarithm of the estimate. */
  readonly log: number
  /** Standard error of `log`; NaN with a single block. */
  readonly standardError: number
  /** Degrees of freedom of the standard error: blocks − 1, or fewer where it is less sure than that. */
  readonly degrees: number
  /** One value a block on the same scale, for robust checks; empty where the blocks of two runs are not paired. */
  readonly values: readonly number[]
}

/** Mean of logarithms with its standard error s/√n: the shape of every estimate from one value a block. */
export function logMean(logs: readonly number[]): LogEstimate {
  return {
    log: mean(logs),
    standardError: standardDeviation(logs) / Math.sqrt(logs.length),
    degrees: logs.length - 1,
    values: logs,
  }
}

/**
 * Logarithm of the ratio candidate/baseline from values paired by block, d_i = ln(B_i/A_i), with its standard error
 * (Kalibera & Jones, ISMM 2013, for ratios of repeated measurements; the pairing takes out what a block's trials share).
 * All values must be above 0.
 */
export function pairedLogRatio(baseline: readonly number[], candidate: readonly number[]): LogEstimate {
  return logMean(candidate.map((value, i) => Math.log(value / (baseline[i] ?? Number.NaN))))
}

/**
 * Logarithm of the ratio of two independent estimates, with Welch's standard error and degrees of freedom
 * (Welch, Biometrika 34, 1947; Satterthwaite 1946). It has no values by block: nothing is paired.
 */
export function welchLogRatio(baseline: LogEstimate, candidate: LogEstimate): LogEstimate {
  const a = baseline.standardError ** 2
  const b = candidate.standardError ** 2
  const degrees =
    a + b === 0
      ? baseline.degrees + candidate.degrees
      : (a + b) ** 2 / (a ** 2 / baseline.degrees + b ** 2 / candidate.degrees)
  return { log: candidate.log - baseline.log, standardError: Math.sqrt(a + b), degrees, values: [] }
}

/** Standard deviation from block to block that a standard error stands for. */
export function blockStandardDeviation({ standardError, values }: LogEstimate): number {
  return standardError * Math.sqrt(values.length)
}

/**
 * Half the width of the t interval of that confidence, on the log scale: t(1 − α/2m, df) · standard error, where m is
 * the number of comparisons that share the error rate α (Bonferroni). Infinity with a single block.
 */
export function halfWidth(estimate: LogEstimate, confidence: number, family: number = 1): number {
  return halfWidthAt(estimate, (1 - confidence) / (2 * family))
}

/** The same from the one-sided error rate `tail` itself. */
export function halfWidthAt(estimate: Pick<LogEstimate, 'standardError' | 'degrees'>, tail: number): number {
  if (!(estimate.degrees > 0) || Number.isNaN(estimate.standardError)) return Infinity
  return tQuantile(1 - tail, estimate.degrees) * estimate.standardError
}

/** The t interval of {@link halfWidth} back on the scale of the quantity: exp(log ± half width). */
export function intervalOf(estimate: LogEstimate, confidence: number, family: number = 1): Estimate {
  return fromLogs(estimate.log, halfWidth(estimate, confidence, family))
}

/** An estimate and bounds from the log scale, kept within the numbers that JSON can hold. */
export function fromLogs(log: number, half: number): Estimate {
  return { estimate: Math.exp(log), low: Math.exp(log - half), high: Math.min(UNBOUNDED, Math.exp(log + half)) }
}

/**
 * Mean of one value a block with its t interval: of the logarithms (a geometric mean) where all values are above 0,
 * else of the values themselves. Null without values; with a single one nothing bounds it.
 */
export function meanInterval(values: readonly number[], confidence: number): Estimate | null {
  if (values.length === 0) return null
  if (values.every((value) => value > 0)) return intervalOf(logMean(values.map(Math.log)), confidence)
  const centre = mean(values)
  if (values.length === 1) return { estimate: centre, low: -UNBOUNDED, high: UNBOUNDED }
  const half =
    tQuantile(1 - (1 - confidence) / 2, values.length - 1) * (standardDeviation(values) / Math.sqrt(values.length))
  return { estimate: centre, low: centre - half, high: centre + half }
}
