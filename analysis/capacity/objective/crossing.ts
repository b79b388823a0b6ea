import { SEARCH_BLOCK, type MeasuredRate } from '../../../core/capacity.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { Estimate } from '../../../core/records.ts'
import { mean } from '../../statistics/sample.ts'
import { tQuantile } from '../../statistics/student.ts'
import { judgeRate } from './rate-table.ts'
import { undisturbed } from '../service/service-model.ts'
import type { LatencyGoal, Slo } from './slo.ts'

/** Requests of one open loop, and how many of them took longer than an objective allows. */
export interface RateTrial {
  /** Requests per second that were asked for: what a random arrival process sends more or less is part of its noise. */
  readonly ratePerS: number
  readonly requests: number
  readonly above: number
}

/** Fewest trials that determine a line, with two left to contradict it. */
const LEAST_TRIALS = 4

/** Trials further than this from the crossing, as a ratio of rates, are left out: the line is none over a wide range. */
const NEAR = 1.3

/** Up to this many requests above a limit are evidence each; more of them in one trial stood in the same few queues. */
const CLUSTERS = 10

/**
 * How steeply the share rises with the rate, before anything is measured, as a multiple of −ln(allowed), with its standard
 * deviation: where the share above t falls like exp(−θt), that is 1/(1 − load) for services of one length, from 2.5 to 5
 * at loads between 0.6 and 0.8, and load times as much for exponential ones.
 */
const STEEPNESS = { mean: 3.5, sd: 1.3 } as const

/** The dispersion of counts before anything is measured (simulated queues have 3 to 13), and what it weighs in trials. */
const DISPERSION = { mean: 6, trials: 4 } as const

/** Rounds in which the set of near trials, and the weights of a fit, come to rest; steps shrink when they go on for long. */
const ROUNDS = { near: 8, weights: 200, full: 20 } as const

/** Part of a step that is taken after the full ones, where weights and line would chase each other. */
const SHORT_STEP = 0.3

/**
 * The rate at which just the allowed share of requests takes longer than a limit, estimated from all trials of a
 * search together, in requests per second: a logistic regression of that share on the logarithm of the rate, as an effective
 * dose is estimated in assays, with Fieller's interval. The variance of a count μ is taken as φ·(μ(1 − p) + μ²/10 for a trial
 * of mean length), slow requests coming in queues, with φ from the residuals; where trials are few, what is known of
 * queues in general keeps φ and the slope from straying. Null where the trials do not determine it: fewer than four, all at one
 * rate, nothing or everything above the limit, or a share that does not surely rise with the rate.
 */
export function crossingRate(
  trials: readonly RateTrial[],
  allowed: number,
  confidence: number = 0.95,
): Estimate | null {
  let near = trials
  let found = fitCrossing(near, allowed, confidence)
  for (let round = 0; found !== null && round < ROUNDS.near; round++) {
    const { estimate } = found
    const nearer = trials.filter(({ ratePerS }) => ratePerS <= NEAR * estimate && ratePerS >= estimate / NEAR)
    if (nearer.length < LEAST_TRIALS || sameTrials(nearer, near)) break
    near = nearer
    found = fitCrossing(near, allowed, confidence)
  }
  return found
}

/**
 * The highest rate within an objective by all trials of a search together ({@link crossingRate}), for the latency goal
 * that is crossed first. Null where they do not determine it within 30 %, where their estimate lies outside the
 * rates that were tried, and where a trial missed nothing but another part of the objective.
 */
export function highestRateOf(measured: readonly MeasuredRate[], workers: number, slo: Slo): Estimate | null {
  const trials = undisturbed(
    measured.filter((rate) => rate.block === SEARCH_BLOCK && rate.workers === workers),
    () => 'search',
  )
  const crossings = slo.latency.flatMap((goal) => {
    const crossing = crossingOf(trials, goal)
    return crossing === null ? [] : [{ goal, crossing }]
  })
  const first = crossings.sort((a, b) => a.crossing.estimate - b.crossing.estimate)[0]
  if (first === undefined) return null
  const { goal, crossing } = first
  const alone: Slo = { text: goal.name, latency: [goal], errorRatio: null }
  const isOther = trials.some((trial) => !judgeRate(trial, slo).met && judgeRate(trial, alone).met)
  const rates = trials.map(({ ratePerS }) => ratePerS)
  const { estimate, low, high } = crossing
  const isWithin = estimate >= Math.min(...rates) && estimate <= Math.max(...rates)
  const isKnown = low >= estimate / NEAR && high <= NEAR * estimate
  return isOther || !isWithin || !isKnown ? null : crossing
}

function crossingOf(trials: readonly MeasuredRate[], { quantile, limitS }: LatencyGoal): Estimate | null {
  if (quantile === null || quantile === 1) return null
  return crossingRate(
    trials.map(({ ratePerS, histogram: text }) => {
      const histogram = LatencyHistogram.fromBase64(text)
      return { ratePerS, requests: histogram.count, above: histogram.countAboveUs(limitS * 1e6) }
    }),
    1 - quantile,
  )
}

function fitCrossing(trials: readonly RateTrial[], allowed: number, confidence: number): Estimate | null {
  const used = trials.filter(({ requests, ratePerS }) => requests > 0 && ratePerS > 0)
  const logs = used.map(({ ratePerS }) => Math.log(ratePerS))
  const centre = mean(logs)
  const points = used.map(({ requests, above }, index) => ({ x: (logs[index] ?? 0) - centre, requests, above }))
  if (points.length < LEAST_TRIALS || points.every(({ x }) => Math.abs(x) < 1e-9)) return null
  const rise = -Math.log(allowed)
  const fit = fitLogistic(points, { slope: STEEPNESS.mean * rise, sd: STEEPNESS.sd * rise })
  if (fit === null) return null
  const t = tQuantile((1 + confidence) / 2, points.length - 2)
  const span = fieller(fit, Math.log(allowed / (1 - allowed)), t)
  if (span === null) return null
  const { estimate, low, high } = span
  return { estimate: Math.exp(centre + estimate), low: Math.exp(centre + low), high: Math.exp(centre + high) }
}

interface Point {
  readonly x: number
  readonly requests: number
  readonly above: number
}

/** The line logit p = intercept + slope·x with the covariances of its coefficients. */
interface Line {
  readonly intercept: number
  readonly slope: number
  readonly interceptVariance: number
  readonly slopeVariance: number
  readonly covariance: number
}

/** Iteratively reweighted least squares; null when it does not come to rest, as where nothing or all is above. */
function fitLogistic(points: readonly Point[], prior: { readonly slope: number; readonly sd: number }): Line | null {
  const meanRequests = mean(points.map(({ requests }) => requests))
  const share = mean(points.map(({ above }) => above)) / meanRequests
  if (share <= 0 || share >= 1) return null
  let intercept = Math.log(share / (1 - share))
  let { slope } = prior
  let dispersion = 1
  for (let round = 0; round < ROUNDS.weights; round++) {
    let w = 0
    let wx = 0
    let wxx = 1 / prior.sd ** 2
    let wz = 0
    let wxz = prior.slope / prior.sd ** 2
    let squares = 0
    for (const { x, requests, above } of points) {
      const line = Math.max(-30, Math.min(30, intercept + slope * x))
      const p = 1 / (1 + Math.exp(-line))
      const expected = requests * p
      const perLine = expected * (1 - p)
      const variance = perLine + expected ** 2 / ((CLUSTERS * requests) / meanRequests)
      const weight = perLine ** 2 / variance / dispersion
      const z = line + (above - expected) / perLine
      w += weight
      wx += weight * x
      wxx += weight * x * x
      wz += weight * z
      wxz += weight * x * z
      squares += (above - expected) ** 2 / variance
    }
    const determinant = w * wxx - wx * wx
    if (!(determinant > 0)) return null
    const further = {
      intercept: (wxx * wz - wx * wxz) / determinant - intercept,
      slope: (w * wxz - wx * wz) / determinant - slope,
    }
    const moved = Math.abs(further.intercept) + Math.abs(further.slope)
    if (!Number.isFinite(moved)) return null
    const step = round < ROUNDS.full ? 1 : SHORT_STEP
    intercept += step * further.intercept
    slope += step * further.slope
    dispersion = Math.max(1, (squares + DISPERSION.trials * DISPERSION.mean) / (points.length - 2 + DISPERSION.trials))
    if (moved > 1e-6) continue
    return {
      intercept,
      slope,
      interceptVariance: wxx / determinant,
      slopeVariance: w / determinant,
      covariance: -wx / determinant,
    }
  }
  return null
}

/** Where a rising line reaches a level, with all places whose distance from it is within t standard deviations. */
function fieller(
  { intercept, slope, interceptVariance, slopeVariance, covariance }: Line,
  level: number,
  t: number,
): Estimate | null {
  const a = slope ** 2 - t ** 2 * slopeVariance
  if (!(slope > 0) || !(a > 0)) return null
  const b = (intercept - level) * slope - t ** 2 * covariance
  const c = (intercept - level) ** 2 - t ** 2 * interceptVariance
  const root = Math.sqrt(Math.max(0, b ** 2 - a * c))
  return { estimate: (level - intercept) / slope, low: (-b - root) / a, high: (-b + root) / a }
}

function sameTrials(one: readonly RateTrial[], other: readonly RateTrial[]): boolean {
  return one.length === other.length && one.every((trial, index) => trial === other[index])
}
