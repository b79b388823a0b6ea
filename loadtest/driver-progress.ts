import type { LedgerSecond } from '../core/ledger.ts'

/** A live view of a running load. */
export interface DriverProgress {
  readonly phase: 'warmup' | 'counting' | 'draining'
  readonly elapsedS: number
  readonly ratePerS: number
  readonly failed: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** What the load asks for now, in an open loop; absent in a closed one. */
  readonly offeredRatePerS?: number
  /** Everything since the load began, warm-up included, for series that never fall. */
  readonly totals?: LoadTotals
  /** Busy share of the generator's event loop over the last second, 0…1. */
  readonly eventLoopUtilization?: number
  /** Open loop: 99th percentile of send minus intended start over the last second, in ms. */
  readonly latenessP99Ms?: number | null
  /** The last second, route by route; only of an open loop that is asked for it. */
  readonly ledger?: LedgerSecond
}

/** What a generator counted since its load began, warm-up included. */
export interface LoadTotals {
  readonly sent: number
  readonly ok: number
  readonly non2xx: number
  readonly timeouts: number
  readonly connectionErrors: number
  /** Answers that no counted figure has: of the warm-up, and after the end. */
  readonly uncounted: number
  /**
   * Latencies of answered requests: a count for each bound of DURATION_BUCKETS_S (not cumulative), then one for those
   * above the last.
   */
  readonly latencyCounts: readonly number[]
  readonly latencySumS: number
  /** The same counts for each route, where the mix has several. */
  readonly routes?: Readonly<Record<string, readonly number[]>>
}
