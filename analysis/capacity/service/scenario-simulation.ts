import { type SimulationResult } from '../simulation/specification.ts'
import type { CapacityMeasurement, ConnectionUse } from '../../../core/capacity.ts'
import { atRate, type Arrivals } from '../simulation/arrivals.ts'
import { scaled } from '../simulation/distribution.ts'
import type { ServiceModel } from './service-model.ts'
import { quantileS, simulate } from '../simulation/simulation.ts'
import type { LatencyGoal } from '../objective/slo.ts'

/** A situation whose latency is to be predicted: one machine with some workers at some rate. */
export interface Scenario {
  readonly workers: number
  readonly ratePerS: number
  /** Cores of the machine. */
  readonly cores: number
  /** Law of the arrivals; its own rate is replaced. Default: Poisson. */
  readonly arrivals?: Arrivals
  /** Keep-alive connections; `as-measured` (the default) means those of the generator that measured. */
  readonly connections?: ConnectionUse | 'per-request' | 'as-measured'
  /** CPU seconds per request that something else uses on the same cores (the generator of a test). */
  readonly besideCpuS?: number
  /** What busy and waiting parts are multiplied with, for what-ifs. */
  readonly busyFactor?: number
  readonly waitFactor?: number
}

/** Share of the time that workers and cores are busy, on the mean. */
export interface Loads {
  /** The larger of the two. */
  readonly load: number
  readonly workerLoad: number
  readonly coreLoad: number
}

/** Arrivals that a simulation is to repeat: those of a load that was sent. */
export interface RepeatedArrivals {
  readonly seed: number
  /** Arrivals before those that count. */
  readonly warmupRequests: number
  readonly maxInFlight: number
}

/**
 * Beside a generator on the same cores, a woken worker's last core is any of them, and this often the scheduler leaves it
 * there although another worker computes: so large that the busy times of one and of two workers on two cores agree
 * (Linux 6.18, four measurements of node:cluster, November 2026).
 */
const STAYS = 0.5

/** Runs one simulation of a scenario. `busyFactor` multiplies the busy times on top of the scenario's own. */
export function simulateScenario(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  scenario: Scenario,
  busyFactor: number,
  run: { readonly requests: number; readonly seed: number },
  repeated?: RepeatedArrivals,
): SimulationResult {
  const { workers, ratePerS, cores, arrivals = { kind: 'poisson', ratePerS }, waitFactor = 1 } = scenario
  const connections = connectionsOf(measurement, scenario)
  const factor = growthOf(service, workers) * (scenario.busyFactor ?? 1) * busyFactor * besideFactor(service, scenario)
  return simulate({
    server: {
      routing: measurement.routing,
      workers,
      ...service.shape,
      cores: cores / service.cpuPerBusy,
      sharesCore: service.computing && (scenario.besideCpuS ?? 0) > 0 ? STAYS / cores : 0,
    },
    client: { arrivals: atRate(arrivals, ratePerS), ...(connections === null ? {} : { connections }) },
    routes: service.routes.map((route) => ({
      ...route,
      cpu: scaled(route.cpu, factor),
      wait: scaled(route.wait, waitFactor),
    })),
    requests: run.requests,
    warmupRequests: repeated?.warmupRequests ?? Math.max(500, Math.ceil(run.requests / 10)),
    seed: run.seed,
    ...(repeated === undefined ? {} : { arrivalSeed: repeated.seed }),
    maxInFlight: repeated?.maxInFlight ?? 20_000,
  })
}

/** A statistic of a simulation's latencies, in seconds. */
export function latencyS(
  result: Pick<SimulationResult, 'sortedS' | 'meanS'>,
  goal: Pick<LatencyGoal, 'quantile'>,
): number {
  return goal.quantile === null ? result.meanS : quantileS(result, goal.quantile)
}

/** Share of the time that workers and cores are busy in a scenario, on the mean. */
export function loadsOf(service: ServiceModel, scenario: Scenario, busyS: number): Loads {
  const { workers, ratePerS, cores, busyFactor = 1, besideCpuS = 0 } = scenario
  const growth = growthOf(service, workers)
  const workerLoad = (ratePerS * busyS * busyFactor * besideFactor(service, scenario)) / workers
  const coreLoad = (ratePerS * (service.cpuS * growth * busyFactor + besideCpuS)) / cores
  return { load: Math.max(workerLoad, coreLoad), workerLoad, coreLoad }
}

/** How much more a request costs with this many workers than with the fewest measured. */
function growthOf(service: ServiceModel, workers: number): number {
  return service.busyS(workers).busyS.estimate / service.baseBusyS
}

/**
 * How much longer workers are busy because of what runs beside the server on the same cores. A generator with real-time
 * priority takes its core whether a worker computes there or not, and the worker waits although another core may be
 * free: so each core computes for workers only the share of the time that is left, 1 − ratePerS × besideCpuS / cores.
 */
function besideFactor(service: ServiceModel, { ratePerS, cores, besideCpuS = 0 }: Scenario): number {
  const left = Math.max(0.01, 1 - (ratePerS * besideCpuS) / cores)
  return 1 + Math.min(1, service.cpuPerBusy) * (1 / left - 1)
}

function connectionsOf(measurement: CapacityMeasurement, { connections }: Scenario): ConnectionUse | null {
  if (connections === 'per-request') return null
  return connections === undefined || connections === 'as-measured' ? measurement.connections : connections
}
