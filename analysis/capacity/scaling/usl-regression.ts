import { leastSquares } from '../../statistics/least-squares.ts'
import { slowdownOf, throughputOf, type UslCurve, type UslPoint } from './usl-curve.ts'

/**
 * How the law is fitted: `linear` regresses N/X on 1, N−1 and N(N−1); `through-first` does so with γ held at the
 * throughput of one worker (Gunther 2007, and the R package usl before 2.0); `nonlinear` minimises the squared error of X
 * itself (R's nls, the usl package since 2.0, usl4j's source book).
 */
export type UslMethod = 'linear' | 'through-first' | 'nonlinear'

/** Which of σ and κ are free; the others are 0. */
export type Free = readonly [sigma: boolean, kappa: boolean]

const CASES: readonly Free[] = [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
]

/**
 * The best curve with σ ≥ 0 and κ ≥ 0: of the fits with every set of coefficients held at 0, the best that is allowed.
 * `most` says which coefficients may be other than 0.
 */
export function fitThroughputs(points: readonly UslPoint[], method: UslMethod, most: Free): UslCurve {
  let best: UslCurve | null = null
  for (const free of CASES.filter(([sigma, kappa]) => (most[0] || !sigma) && (most[1] || !kappa))) {
    const curve = fitCase(points, method, free)
    if (!(curve.sigma >= 0 && curve.kappa >= 0 && curve.gammaPerS > 0)) continue
    if (best === null || misfit(points, method, curve) < misfit(points, method, best)) best = curve
  }
  return best ?? fitCase(points, method, [false, false])
}

/** The best curve with the free ones of σ and κ of either sign: what intervals are made from. */
export function fitUnbounded(points: readonly UslPoint[], method: UslMethod, free: Free): UslCurve {
  return fitCase(points, method, free)
}

function fitCase(points: readonly UslPoint[], method: UslMethod, free: Free): UslCurve {
  if (method === 'through-first') return fitThroughFirst(points, free)
  const linear = fitLinear(points, free)
  return method === 'linear' ? linear : refine(points, linear, free)
}

function fitLinear(points: readonly UslPoint[], free: Free): UslCurve {
  const rows = points.map(({ workers }) => [1, ...columns(workers, free)])
  const [intercept = Number.NaN, ...rest] = leastSquares(
    rows,
    points.map(({ workers, throughputPerS }) => workers / throughputPerS),
  )
  const [sigma, kappa] = spread(
    rest.map((value) => value / intercept),
    free,
  )
  return { gammaPerS: 1 / intercept, sigma, kappa }
}

function fitThroughFirst(points: readonly UslPoint[], free: Free): UslCurve {
  const firsts = points.filter(({ workers }) => workers === 1)
  const gammaPerS = firsts.reduce((sum, { throughputPerS }) => sum + throughputPerS, 0) / firsts.length
  const others = points.filter(({ workers }) => workers > 1)
  const rows = others.map(({ workers }) => columns(workers, free))
  const deviations = others.map(({ workers, throughputPerS }) => (workers * gammaPerS) / throughputPerS - 1)
  const [sigma, kappa] = spread(free[0] || free[1] ? leastSquares(rows, deviations) : [], free)
  return { gammaPerS, sigma, kappa }
}

/** Gauss-Newton from a start, with halved steps where a whole one would make it worse. */
function refine(points: readonly UslPoint[], start: UslCurve, free: Free): UslCurve {
  let curve = start
  let error = misfit(points, 'nonlinear', curve)
  for (let round = 0; round < 200; round++) {
    const rows = points.map(({ workers }) => {
      const modelled = throughputOf(curve, workers)
      const perSlowdown = -modelled / slowdownOf(curve, workers)
      return [modelled / curve.gammaPerS, ...columns(workers, free).map((column) => column * perSlowdown)]
    })
    const residuals = points.map(({ workers, throughputPerS }) => throughputPerS - throughputOf(curve, workers))
    const [gammaStep = 0, ...rest] = leastSquares(rows, residuals)
    const [sigmaStep, kappaStep] = spread(rest, free)
    let step = 1
    let next = curve
    let nextError = error
    for (; step > 1e-9; step /= 2) {
      next = {
        gammaPerS: curve.gammaPerS + step * gammaStep,
        sigma: curve.sigma + step * sigmaStep,
        kappa: curve.kappa + step * kappaStep,
      }
      nextError = misfit(points, 'nonlinear', next)
      if (nextError <= error) break
    }
    if (!(nextError <= error)) return curve
    const gain = error - nextError
    curve = next
    error = nextError
    if (gain <= 1e-14 * error) return curve
  }
  return curve
}

function misfit(points: readonly UslPoint[], method: UslMethod, curve: UslCurve): number {
  return points.reduce((sum, { workers, throughputPerS }) => {
    const modelled = throughputOf(curve, workers)
    const difference =
      method === 'nonlinear' ? throughputPerS - modelled : workers / throughputPerS - workers / modelled
    return sum + difference ** 2
  }, 0)
}

function columns(workers: number, free: Free): number[] {
  return [...(free[0] ? [workers - 1] : []), ...(free[1] ? [workers * (workers - 1)] : [])]
}

function spread(values: readonly number[], free: Free): readonly [sigma: number, kappa: number] {
  return [free[0] ? (values[0] ?? 0) : 0, free[1] ? (values[free[0] ? 1 : 0] ?? 0) : 0]
}
