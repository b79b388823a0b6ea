import { simulate } from './simulation.ts'

/** How fast a simulation ran. */
export interface SimulationSpeed {
  readonly requests: number
  readonly tookS: number
  readonly requestsPerS: number
}

/** Simulates a million requests over four workers of node:cluster at load 0.7, and says how long that took. */
export function measureSimulationSpeed(requests: number = 1_000_000): SimulationSpeed {
  const startedMs = performance.now()
  simulate({
    server: { routing: 'round-robin-connections', workers: 4 },
    client: {
      arrivals: { kind: 'poisson', ratePerS: 56 },
      connections: { count: 100, choice: 'random', opened: 'before' },
    },
    routes: [{ weight: 1, cpu: { kind: 'exponential', meanS: 0.05 }, wait: { kind: 'exponential', meanS: 0.02 } }],
    requests,
    seed: 1,
  })
  const tookS = (performance.now() - startedMs) / 1000
  return { requests, tookS, requestsPerS: requests / tookS }
}
