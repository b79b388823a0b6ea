import { logGamma, regularisedBeta } from './beta.ts'
import { normalCdf, normalQuantile } from './normal.ts'

/** Probability that a Student t variate with `df` > 0 degrees of freedom (whole or not) is at most `t` (DLMF 8.17, A&S 26.7.1). */
export function tCdf(t: number, df: number): number {
  if (t === 0) return 0.5
  const tail = upperTail(Math.abs(t), df)
  return t > 0 ? 1 - tail : tail
}

/**
 * Quantile of Student's t distribution with `df` > 0 degrees of freedom, for p in (0, 1), to about 12 digits: bisection
 * and Newton steps on the tail probability, begun at the normal quantile. ±Infinity at the ends, NaN outside.
 */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN
  if (p === 0.5) return 0
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity
  const key = `${p} ${df}`
  const known = quantiles.get(key)
  if (known !== undefined) return known
  const quantile = p < 0.5 ? -upperQuantile(p, df) : upperQuantile(1 - p, df)
  if (quantiles.size > 10_000) quantiles.clear()
  quantiles.set(key, quantile)
  return quantile
}

/**
 * Probability that a noncentral t variate exceeds `t`: the power of a t test whose true effect is `shift` standard errors.
 * P = ∫ Φ(shift − t·w) f(w) dw, f the density of √(χ²/df) (Johnson, Kotz & Balakrishnan, Continuous Univariate
 * Distributions 2, 31.2), by Simpson’s rule; about 5 digits.
 */
export function tPower(t: number, shift: number, df: number): number {
  const width = 8 / Math.sqrt(2 * df)
  const [from, to] = [Math.max(1e-9, 1 - width), 1 + width]
  const step = (to - from) / POWER_STEPS
  const logScale = Math.log(2) + (df / 2) * Math.log(df / 2) - logGamma(df / 2)
  let sum = 0
  for (let i = 0; i <= POWER_STEPS; i++) {
    const w = from + i * step
    const density = Math.exp(logScale + (df - 1) * Math.log(w) - (df * w * w) / 2)
    const weight = i === 0 || i === POWER_STEPS ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * density * normalCdf(shift - t * w)
  }
  return (sum * step) / 3
}

/** Steps of the integral, even. */
const POWER_STEPS = 80

/** Quantiles found before: the same few levels and degrees of freedom are asked for again and again. */
const quantiles: Map<string, number> = new Map()

/** P(T > t) for t ≥ 0, without loss of digits in the far tail. */
function upperTail(t: number, df: number): number {
  const square = t * t
  if (square === Infinity) return 0
  return square < df
    ? 0.5 - 0.5 * regularisedBeta(square / (df + square), 0.5, df / 2)
    : 0.5 * regularisedBeta(df / (df + square), df / 2, 0.5)
}

/** The t > 0 with P(T > t) = tail, for tail in (0, 0.5). */
function upperQuantile(tail: number, df: number): number {
  let low = 0
  let high = Math.max(1, -normalQuantile(tail))
  while (upperTail(high, df) > tail) {
    low = high
    high *= 2
  }
  const logDensityAtZero = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI)
  let t = (low + high) / 2
  for (let step = 0; step < 200; step++) {
    const excess = upperTail(t, df) - tail
    if (excess > 0) low = t
    else high = t
    const density = Math.exp(logDensityAtZero - ((df + 1) / 2) * Math.log1p((t * t) / df))
    const newton = t + excess / density
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (Math.abs(next - t) <= 1e-14 * t) return next
    t = next
  }
  return t
}
