import { SimulationEngine } from './simulation-engine.ts'
import type { SimulationResult, SimulationSpec } from './specification.ts'

/**
 * Simulates a server event by event. Each request passes the front station if there is one, is routed to a worker,
 * waits for its CPU first come first served, runs, waits without CPU, runs again, and is answered. Arrivals, services
 * and choices have random streams of their own, so that two servers with the same seed get the very same requests.
 */
export function simulate(spec: SimulationSpec): SimulationResult {
  return new SimulationEngine(spec).run()
}

/** The latency in seconds that a share `q` (0…1) of the counted requests is not above. */
export function quantileS(result: Pick<SimulationResult, 'sortedS'>, q: number): number {
  const { sortedS } = result
  if (sortedS.length === 0) return Number.NaN
  return sortedS[Math.min(sortedS.length - 1, Math.max(0, Math.ceil(q * sortedS.length) - 1))] as number
}
