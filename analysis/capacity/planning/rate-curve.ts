import type { Pieces } from '../../pieces.ts'
import { predictFor, type FoundServer, type PlanBasis, type SizingQuery } from './plan-search.ts'
import type { Prediction } from './prediction.ts'

/** What is predicted of a planned server at one rate. */
export interface RatePoint {
  /** Requests per second over all machines. */
  readonly ratePerS: number
  readonly prediction: Prediction
}

/** Loads of the server at which its latency is predicted, beside that of the planned rate. */
const LOADS = [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9] as const

/** Rates nearer to the planned one than this share of it add nothing. */
const NEAR = 0.05

/**
 * Latency of a planned server against the rate, with the bounds of the answer itself, in order of the rate. At the
 * planned rate it is the answer's own prediction; rates at which requests pile up have no point.
 */
export function* rateCurve(found: FoundServer, basis: PlanBasis, query: SizingQuery): Pieces<RatePoint[]> {
  const { machines, workersPerMachine, prediction } = found
  const points: RatePoint[] = [{ ratePerS: query.ratePerS, prediction }]
  for (const load of LOADS) {
    const ratePerS = (query.ratePerS * load) / prediction.load
    if (Math.abs(ratePerS / query.ratePerS - 1) < NEAR) continue
    yield 'latency against the rate'
    const other = predictFor(basis, query, workersPerMachine, ratePerS / machines)
    if (!other.overloaded) points.push({ ratePerS, prediction: other })
  }
  return points.sort((a, b) => a.ratePerS - b.ratePerS)
}
