import type { MachineFacts } from './machine.ts'
import type { HostUsage, ProcessUsage } from './records.ts'
import type { Routing } from './routing.ts'

/** The keep-alive connections that clients keep to the server. */
export interface ConnectionUse {
  /** Most connections open at once; a request that finds none idle waits for one. */
  readonly count: number
  /**
   * Which idle connection the next request takes: the one opened first, the one used last, the one unused for longest,
   * or any. (undici's pool: `first`; Node's http.Agent: `most-recent`; many users, each with his own: `random`.)
   */
  readonly choice: 'first' | 'most-recent' | 'least-recent' | 'random'
  /** Whether all are open from the start, or one more whenever a request finds none idle. */
  readonly opened: 'before' | 'on-demand'
  /** How many connections each worker holds, where that was measured; implies `opened: 'before'`. */
  readonly perWorker?: readonly number[]
}

/** All that was measured of one model under one workload in order to plan with it. */
export interface CapacityMeasurement {
  readonly schema: 'forkwise/capacity-measurement@1'
  readonly model: string
  readonly workload: string
  readonly routing: Routing
  /** Where handlers run: an executor's id, or `wsgi`. */
  readonly executor: string
  /** Requests that one worker of a threaded server takes up at a time. */
  readonly threads: number
  /** True when the model has one worker whatever is asked for. */
  readonly fixedSize: boolean
  readonly machine: Pick<MachineFacts, 'id' | 'cpu' | 'cores' | 'node'>
  /** Version of the Node that ran it, e.g. `v24.21.0`; absent where no Node does, and in older measurements. */
  readonly node?: string
  /** The Python that ran it, where one was named: `PyPy 7.3.11 (Python 3.9.16)`. */
  readonly python?: string
  /** Set where the threads of a worker compute at the same time: no lock of the interpreter, and no greenlets. */
  readonly parallelThreads?: boolean
  /** Connections of the open-loop generator; null when each request had one of its own. */
  readonly connections: ConnectionUse | null
  readonly routes: readonly MeasuredRoute[]
  readonly saturations: readonly MeasuredSaturation[]
  readonly rates: readonly MeasuredRate[]
  /** Requests per second at which the dependency was the limit of a saturation; null when it never was. */
  readonly dependencyPerS: number | null
}

/** One kind of request, measured while there was no other in the server; one for each block. */
export interface MeasuredRoute {
  readonly block: number
  readonly route: string
  readonly weight: number
  /** CPU of all processes of the server per request, in milliseconds. */
  readonly cpuMsPerRequest: number
  /** Latencies of requests that met nobody: HdrHistogram V2, base64, µs. */
  readonly histogram: string
  /** What outside signals hold against the slice; empty = it can be used. */
  readonly disturbed: readonly string[]
}

/** A closed loop at saturation, one for each block and worker count. */
export interface MeasuredSaturation {
  readonly block: number
  readonly workers: number
  readonly throughputPerS: number
  readonly cpuMsPerRequest: number
  /** CPU of the generator's processes, in cores, where they share the cores of the server; else 0. */
  readonly generatorCores: number
  /** What limited it: see Bottleneck in core/records.ts. */
  readonly limit: string
  /** The evidence in words. */
  readonly because: string
  /** Latency in milliseconds; null without answers. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** What outside signals hold against the slice; empty = it can be used. */
  readonly disturbed: readonly string[]
  /** From what its limit can be judged again; absent in measurements of older versions. */
  readonly evidence?: SaturationEvidence
}

/** What was used during a saturation. */
export interface SaturationEvidence {
  readonly wallS: number
  readonly server: readonly ProcessUsage[]
  readonly host: HostUsage
  /** Busy share of the generator's event loop, 0…1. */
  readonly generatorUtilization: number
  readonly connections: number
}

/** Block number of a search's trials among other rates: several of one rate may have it. */
export const SEARCH_BLOCK = 0

/** An open loop at one rate, one for each block; trials of a search have block {@link SEARCH_BLOCK}. */
export interface MeasuredRate {
  readonly block: number
  readonly workers: number
  /** Requests per second that were asked for. */
  readonly ratePerS: number
  /** Answers with the expected status per second. */
  readonly achievedPerS: number
  /** CPU of all processes of the server, in cores. */
  readonly cpuCores: number
  /** CPU of the generator's processes, in cores, where they share the cores of the server; else 0. */
  readonly generatorCores: number
  /** Failed over scheduled. */
  readonly errorRatio: number
  /** What was wrong with the load itself, e.g. requests that were sent late; empty = nothing. */
  readonly faults: readonly string[]
  /** Latencies from the intended start: HdrHistogram V2, base64, µs. */
  readonly histogram: string
  /** What outside signals hold against the slice; empty = it can be used. */
  readonly disturbed: readonly string[]
  /** From what its arrivals can be made again; absent in measurements of older versions. */
  readonly arrivals?: SentArrivals
}

/** The Poisson arrivals of an open loop: all follow from the seed. */
export interface SentArrivals {
  readonly seed: number
  /** Seconds before counting began, and seconds counted. */
  readonly warmupS: number
  readonly durationS: number
}
