import { ForkwiseError } from '../../../core/errors.ts'
import type { Estimate } from '../../../core/records.ts'
import { tQuantile } from '../../statistics/student.ts'

/** CPU that a server used at one rate. */
export interface DemandPoint {
  readonly ratePerS: number
  /** CPU of all its processes, in cores. */
  readonly cpuCores: number
}

/** The service demand law fitted to CPU at several rates: cpuCores = idleCores + demandS × ratePerS. */
export interface DemandFit {
  /** CPU seconds that one request costs: the slope, with its 95 % interval. */
  readonly demandS: Estimate
  /** CPU in cores that the server uses without requests: the intercept, with its 95 % interval. */
  readonly idleCores: Estimate
  /** Share of the variance of CPU that the line explains. */
  readonly r2: number
  readonly points: number
}

/** Least different rates that a slope needs: two make a line, the third can contradict it. */
const LEAST_RATES = 3

/**
 * Fits CPU demand per request as the slope of CPU against throughput (the service demand law U = X·D; a slope leaves
 * out what the server uses anyway). Intervals from the residuals, t with n − 2 degrees of freedom. Throws RESULT_INVALID
 * with fewer than three different rates.
 */
export function fitDemand(points: readonly DemandPoint[]): DemandFit {
  const rates = new Set(points.map((point) => point.ratePerS))
  if (rates.size < LEAST_RATES) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected CPU at ${LEAST_RATES} or more different rates to find the demand of a request, got ${rates.size}.`,
      hint: 'Measure more of them: forkwise capacity MODEL --slo p99<200ms',
    })
  }
  const count = points.length
  const meanRate = points.reduce((sum, { ratePerS }) => sum + ratePerS, 0) / count
  const meanCpu = points.reduce((sum, { cpuCores }) => sum + cpuCores, 0) / count
  const spread = points.reduce((sum, { ratePerS }) => sum + (ratePerS - meanRate) ** 2, 0)
  const together = points.reduce((sum, p) => sum + (p.ratePerS - meanRate) * (p.cpuCores - meanCpu), 0)
  const total = points.reduce((sum, { cpuCores }) => sum + (cpuCores - meanCpu) ** 2, 0)
  const slope = together / spread
  const intercept = meanCpu - slope * meanRate
  const residual = points.reduce((sum, p) => sum + (p.cpuCores - intercept - slope * p.ratePerS) ** 2, 0)
  const t = tQuantile(0.975, count - 2)
  const noise = Math.sqrt(residual / (count - 2))
  return {
    demandS: around(slope, (t * noise) / Math.sqrt(spread)),
    idleCores: around(intercept, t * noise * Math.sqrt(1 / count + meanRate ** 2 / spread)),
    r2: total === 0 ? 1 : 1 - residual / total,
    points: count,
  }
}

/** Utilisation of `servers` at a rate, by the utilisation law U = X·D / c; above 1 it cannot keep up. */
export function utilisation(ratePerS: number, demandS: number, servers: number): number {
  return (ratePerS * demandS) / servers
}

/** Requests in the system by Little's law, N = X·R. */
export function littleInFlight(ratePerS: number, residenceS: number): number {
  return ratePerS * residenceS
}

function around(estimate: number, half: number): Estimate {
  return { estimate, low: estimate - half, high: estimate + half }
}
