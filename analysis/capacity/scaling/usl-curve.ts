/** Throughput of one worker count, from one block of measurements. */
export interface UslPoint {
  readonly workers: number
  readonly throughputPerS: number
}

/**
 * Gunther's Universal Scalability Law X(N) = γN / (1 + σ(N−1) + κN(N−1)): γ is what one worker does, σ the share of
 * the work that only one can do at a time (contention), κ the cost of keeping each pair consistent (coherency).
 */
export interface UslCurve {
  readonly gammaPerS: number
  readonly sigma: number
  readonly kappa: number
}

/** Throughput of a curve at a worker count. */
export function throughputOf(curve: UslCurve, workers: number): number {
  return (curve.gammaPerS * workers) / slowdownOf(curve, workers)
}

/** Factor by which a request costs more with this many workers than with one: 1 + σ(N−1) + κN(N−1). */
export function slowdownOf({ sigma, kappa }: Pick<UslCurve, 'sigma' | 'kappa'>, workers: number): number {
  return 1 + sigma * (workers - 1) + kappa * workers * (workers - 1)
}
