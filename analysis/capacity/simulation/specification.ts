import type { ConnectionUse } from '../../../core/capacity.ts'
import type { Routing } from '../../../core/routing.ts'
import type { Arrivals } from './arrivals.ts'
import type { Distribution } from './distribution.ts'

/** An arrangement of workers, as far as it decides how long requests take. */
export interface SimulatedServer {
  readonly routing: Routing
  readonly workers: number
  /**
   * Requests one worker takes up at a time: Infinity for an event loop, which overlaps waiting parts, 1 for a
   * synchronous worker or a pool thread, the number of threads for a threaded one. Default: 1 behind a central queue,
   * else Infinity.
   */
  readonly slots?: number
  /** CPU parts one worker runs at a time: 1 (the default) for an event loop, or for threads under an interpreter lock. */
  readonly lanes?: number
  /** CPU cores that all of them share equally (processor sharing). Absent: as many as are wanted. */
  readonly cores?: number
  /**
   * Probability, for each worker that computes, that one that is woken finds itself on the same core although another is
   * free: a scheduler leaves it where it ran last while the process that wakes it occupies the free core. Default: 0.
   */
  readonly sharesCore?: number
  /** Longest stretch of CPU before another request of the worker gets its turn (seconds). Absent: no slicing. */
  readonly sliceS?: number
  /** CPU time of a serial station that every request passes first: the main thread of a pool, a proxy. */
  readonly front?: Distribution
}

/** One kind of request. */
export interface SimulatedRoute {
  /** Share of the mix relative to the other weights. */
  readonly weight: number
  readonly cpu: Distribution
  /** Time that passes without CPU (I/O, a dependency). */
  readonly wait: Distribution
  /** Share of the CPU time that comes after the waiting part, 0…1; 0 when absent. */
  readonly cpuAfterWait?: number
}

/** Who asks: an open loop with its arrivals, or a closed loop whose connections each wait for their answer. */
export interface SimulatedClient {
  readonly arrivals: Arrivals | { readonly kind: 'closed'; readonly connections: number }
  /** Keep-alive connections of an open loop; absent: every request comes on a connection of its own. */
  readonly connections?: ConnectionUse
}

/** All that a simulation needs. The same specification gives the same result everywhere. */
export interface SimulationSpec {
  readonly server: SimulatedServer
  readonly client: SimulatedClient
  readonly routes: readonly SimulatedRoute[]
  /** Requests whose latency counts. */
  readonly requests: number
  /** Requests before them, while the queues fill. Default: a twentieth, at least 1,000. */
  readonly warmupRequests?: number
  readonly seed: number
  /** Seed of the arrivals alone, so that simulations can differ in everything else. Default: `seed`. */
  readonly arrivalSeed?: number
  /** The simulation is given up when this many requests are in flight: the load is more than the server can do. */
  readonly maxInFlight?: number
}

/** What a simulation found. Times run from a request's arrival to its answer. */
export interface SimulationResult {
  /** Latency of each counted request in seconds, in order of arrival; Infinity for those not answered. */
  readonly latenciesS: Float64Array
  /** The same, ascending. */
  readonly sortedS: Float64Array
  /** Index of each counted request's route. */
  readonly routes: Uint8Array
  readonly meanS: number
  /** Answers per second while requests were counted. */
  readonly throughputPerS: number
  /** CPU of each worker as a share of one core. */
  readonly utilisation: readonly number[]
  /** CPU of the front station; null without one. */
  readonly frontUtilisation: number | null
  /** Share of the answers that each worker gave. */
  readonly workerShare: readonly number[]
  /** Requests in flight, mean over time and most, from arrival to answer. */
  readonly meanInFlight: number
  readonly peakInFlight: number
  readonly connectionsOpened: number
  /** True when it was given up because requests piled up without end. */
  readonly diverged: boolean
}
