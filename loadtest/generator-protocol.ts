import type { Load, WarmupRecord, Workload } from '../core/load.ts'
import type { DriverProgress } from './driver-progress.ts'
import type { ClientPolicy } from './drivers/steering.ts'

/** The job of one generator process. Plain data: it crosses a process boundary. */
export interface GeneratorJob {
  readonly targets: readonly string[]
  readonly requests: Workload['requests']
  readonly load: Load
  /** True when the server closes each connection after its answer without saying so. */
  readonly closesSilently: boolean
  /** This process's place among those that share an open loop: it sends every arrival dealt to `index`. */
  readonly share: { readonly index: number; readonly of: number }
  /** True when an open loop is to hand over the latency of every arrival: for proofs, where each is known beforehand. */
  readonly traced?: boolean
  /** True when an open loop is to report each second route by route, warm-up included. */
  readonly tallied?: boolean
}

/** What the parent sends to a generator process: prepare, and when it says that it is ready, begin. */
export type ToGenerator =
  /** `realTime`: the process was started with real-time priority. */
  | { readonly kind: 'prepare'; readonly job: GeneratorJob; readonly realTime: boolean }
  /** An open loop's start, on the clock that all processes share; a closed loop starts at once. */
  | { readonly kind: 'begin'; readonly startAtMonotonicMs: number }
  /** Changes how the clients of an open loop behave from now on. */
  | { readonly kind: 'steer'; readonly policy: ClientPolicy }
  | { readonly kind: 'stop' }

/** What a generator process sends to its parent. */
export type FromGenerator =
  | { readonly kind: 'ready' }
  | { readonly kind: 'counting' }
  | { readonly kind: 'counted' }
  | { readonly kind: 'progress'; readonly progress: DriverProgress }
  | { readonly kind: 'done'; readonly part: GeneratorPart }
  | { readonly kind: 'failed'; readonly message: string }

/** How one counted request ended. */
export interface LedgerCounts {
  readonly scheduled: number
  readonly sent: number
  readonly ok: number
  readonly non2xx: number
  readonly timeouts: number
  readonly connectionErrors: number
  readonly unsent: number
  readonly inFlightAtEnd: number
}

/** One second of one process. */
export interface SecondPart {
  readonly atS: number
  readonly sent: number
  readonly ok: number
  readonly failed: number
  /** Latencies in µs with their counts, as the histogram keeps them. */
  readonly latencies: readonly (readonly [valueUs: number, count: number])[]
}

/** One route of one process. */
export interface RoutePart {
  readonly route: string
  readonly ok: number
  readonly failed: number
  readonly histogram: string
}

/** When some arrivals were to be sent and were sent, in milliseconds since the start of the schedule, in the same order. */
export interface WatchedArrivals {
  readonly plannedMs: readonly number[]
  readonly sentMs: readonly number[]
}

/** What one generator process measured; parts of several processes add up exactly. */
export interface GeneratorPart {
  readonly countedS: number
  readonly warmup: WarmupRecord | null
  readonly ledger: LedgerCounts
  /** HdrHistograms V2, base64, µs. */
  readonly latency: string
  readonly service: string
  /** Null in a closed loop. */
  readonly lateness: string | null
  /** Requests in flight times milliseconds, of counted requests that were answered as expected; null = not known. */
  readonly inFlightMs: number | null
  /** Null in a closed loop. */
  readonly arrivals: WatchedArrivals | null
  /** Open loop: how long after its instant the first request was sent, in ms; null where none was. Absent in a closed loop. */
  readonly firstLateMs?: number | null
  /** Of the counted part. */
  readonly cpuCores: number
  /** CPU time of the whole run, warm-up and drain included. */
  readonly lifetimeCpuS: number
  readonly eventLoopUtilization: number
  /** It ran with real-time priority. */
  readonly realTime: boolean
  readonly bytesReceived: number
  readonly connectionsOpened: number
  /** Absent where nothing is tried again. */
  readonly retried?: number
  readonly client: { readonly name: string; readonly connectionPolicy: string }
  readonly routes: readonly RoutePart[]
  readonly seconds: readonly SecondPart[]
  readonly lifetime: { readonly sent: number; readonly answered: number }
  readonly errors: readonly { readonly message: string; readonly count: number }[]
  /** Latency of each arrival of the schedule in µs, -1 where there was no answer; only when asked for. */
  readonly traceUs?: readonly number[]
}
