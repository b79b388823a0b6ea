import { ForkwiseError } from '../../../core/errors.ts'
import { UNBOUNDED, type Estimate } from '../../../core/records.ts'
import { tQuantile } from '../../statistics/student.ts'
import { throughputOf, type UslCurve, type UslPoint } from './usl-curve.ts'
import { fitThroughputs, fitUnbounded, type Free, type UslMethod } from './usl-regression.ts'

/** The worker count with the highest throughput. */
export interface UslPeak {
  readonly workers: number
  readonly throughputPerS: number
}

/** A fitted law with 95 % intervals; they are null with fewer than three blocks. */
export interface UslFit {
  readonly curve: UslCurve
  readonly gammaPerS: Estimate | null
  readonly sigma: Estimate | null
  readonly kappa: Estimate | null
  /** N*, the count with the highest throughput; null while κ is 0. The interval has no upper bound if κ may be 0. */
  readonly peak: UslPeak | null
  readonly peakWorkers: Estimate | null
  readonly blocks: number
  /** Largest worker count that was measured. */
  readonly largestMeasured: number
  /** The curves without each block in turn, from which intervals of predictions are made. */
  readonly without: readonly UslCurve[]
}

/** A throughput predicted by a fit, or the reason why none is. */
export type UslPrediction =
  | { readonly refused: string }
  | { readonly throughputPerS: Estimate; readonly extrapolated: boolean }

/** Least worker counts that a fit needs: three coefficients and one more to contradict them. */
export const LEAST_COUNTS = 4

/** Multiple of the largest measured worker count beyond which nothing is predicted. */
const FURTHEST = 2

/** The peak N* = √((1 − σ) / κ), at least 1; null where throughput rises for ever (κ = 0). */
export function peakOf(curve: UslCurve): UslPeak | null {
  if (curve.kappa <= 0) return null
  const workers = peakWorkers(curve.sigma, curve.kappa)
  return { workers, throughputPerS: throughputOf(curve, workers) }
}

/**
 * Fits the law to blocks of measurements, each a throughput per worker count. Intervals come from leaving out one block
 * after another (delete-one jackknife, t with blocks − 1 degrees of freedom) of the fit without bounds, cut at 0, so
 * that they stay honest where a coefficient is 0. Throws RESULT_INVALID with fewer than four worker counts.
 */
export function fitUsl(blocks: readonly (readonly UslPoint[])[], method: UslMethod = 'linear'): UslFit {
  requireCounts(countsOf(blocks), LEAST_COUNTS, 'to fit a scaling law')
  return fit(blocks, method, [true, true])
}

/**
 * As {@link fitUsl}, with as much of the law as the measurements determine: with two or three worker counts only
 * contention (Amdahl's law, κ = 0), with one only γ.
 */
export function fitScaling(blocks: readonly (readonly UslPoint[])[]): UslFit {
  const counts = countsOf(blocks)
  requireCounts(counts, 1, 'to predict any')
  return fit(blocks, 'linear', [counts.length > 1, counts.length >= LEAST_COUNTS])
}

/** As {@link fitScaling}, without coherency (κ = 0) however many worker counts there are. */
export function fitContention(blocks: readonly (readonly UslPoint[])[]): UslFit {
  const counts = countsOf(blocks)
  requireCounts(counts, 1, 'to predict any')
  return fit(blocks, 'linear', [counts.length > 1, false])
}

/** Predicts the throughput at a worker count, with a 95 % interval; refuses beyond twice the largest one measured. */
export function predictThroughput(fit: UslFit, workers: number): UslPrediction {
  if (workers > FURTHEST * fit.largestMeasured) {
    return {
      refused:
        `${workers} workers are more than twice the ${fit.largestMeasured} that were measured; ` +
        `measure at least ${Math.ceil(workers / FURTHEST)}.`,
    }
  }
  const estimate = throughputOf(fit.curve, workers)
  const half = halfWidth(fit.without.map((curve) => Math.log(throughputOf(curve, workers))))
  return {
    throughputPerS:
      half === null
        ? { estimate, low: 0, high: UNBOUNDED }
        : { estimate, low: estimate * Math.exp(-half), high: estimate * Math.exp(half) },
    extrapolated: workers > fit.largestMeasured,
  }
}

function fit(blocks: readonly (readonly UslPoint[])[], method: UslMethod, free: Free): UslFit {
  const points = blocks.flat()
  requireThroughputs(points)
  const curve = fitThroughputs(points, method, free)
  const unbounded = fitUnbounded(points, method, free)
  const without =
    blocks.length < 3
      ? []
      : blocks.map((_, left) => fitUnbounded(blocks.filter((_, block) => block !== left).flat(), method, free))
  const interval = (of: (curve: UslCurve) => number): Estimate | null => {
    const half = halfWidth(without.map(of))
    if (half === null) return null
    const [low, high] = [Math.max(0, of(unbounded) - half), Math.max(0, of(unbounded) + half)]
    return { estimate: of(curve), low: Math.min(low, of(curve)), high: Math.max(high, of(curve)) }
  }
  const sigma = interval((each) => each.sigma)
  const kappa = interval((each) => each.kappa)
  const peak = peakOf(curve)
  return {
    curve,
    gammaPerS: interval((each) => each.gammaPerS),
    sigma,
    kappa,
    peak,
    peakWorkers: sigma === null || kappa === null ? null : peakInterval(peak, sigma, kappa),
    blocks: blocks.length,
    largestMeasured: Math.max(...points.map((point) => point.workers)),
    without,
  }
}

/** A worker count without any throughput was not measured: no curve goes through it. */
function requireThroughputs(points: readonly UslPoint[]): void {
  const wrong = points.find(({ throughputPerS }) => !(throughputPerS > 0 && Number.isFinite(throughputPerS)))
  if (wrong === undefined) return
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected a throughput above 0 at every worker count, got ${wrong.throughputPerS} at ${wrong.workers}.`,
    hint: 'Leave that measurement out, or measure it again.',
  })
}

function countsOf(blocks: readonly (readonly UslPoint[])[]): number[] {
  return [...new Set(blocks.flat().map((point) => point.workers))].sort((a, b) => a - b)
}

function requireCounts(counts: readonly number[], least: number, purpose: string): void {
  if (counts.length >= least) return
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected throughput at ${least} or more worker counts ${purpose}, got ${counts.length} (${counts.join(', ') || 'none'}).`,
    hint: 'Measure more of them: forkwise scale MODEL --workers 1..4',
  })
}

/** Half of a 95 % interval from the estimates that each lack one block; null with fewer than three. */
function halfWidth(without: readonly number[]): number | null {
  const blocks = without.length
  if (blocks < 3) return null
  const mean = without.reduce((sum, value) => sum + value, 0) / blocks
  const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return tQuantile(0.975, blocks - 1) * Math.sqrt((squares * (blocks - 1)) / blocks)
}

function peakInterval(peak: UslPeak | null, sigma: Estimate, kappa: Estimate): Estimate {
  return {
    estimate: peak?.workers ?? UNBOUNDED,
    low: peakWorkers(sigma.high, kappa.high),
    high: peakWorkers(sigma.low, kappa.low),
  }
}

function peakWorkers(sigma: number, kappa: number): number {
  return kappa <= 0 ? UNBOUNDED : Math.max(1, Math.sqrt(Math.max(0, 1 - sigma) / kappa))
}
