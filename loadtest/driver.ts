import type { Load, LoadRecord, Workload } from '../core/load.ts'

/** What a driver tells while it runs. */
export interface DriverEvents {
  /** The counted part begins: the caller reads its CPU counters now. */
  onCounting?(): void
  /** The counted part is over; requests in flight may still be drained. */
  onCounted?(): void
  /** About once a second: figures for a live line, from the counted part or the warm-up. */
  onProgress?(progress: DriverProgress): void
}

/** A live view of a running load. */
export interface DriverProgress {
  readonly phase: 'warmup' | 'counting' | 'draining'
  readonly elapsedS: number
  readonly ratePerS: number
  readonly failed: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/**
 * Drives one load against one or more addresses of a server, in a process (or several) of its own. Rejects with a
 * TARGET_UNREACHABLE error when nothing answers there; resolves with what was counted so far when the signal aborts.
 */
export interface LoadDriver {
  readonly kind: Load['kind']
  run(
    targets: readonly URL[],
    workload: Pick<Workload, 'id' | 'requests'>,
    load: Load,
    options: DriverOptions,
  ): Promise<LoadRecord>
}

/** Surroundings of a driver's run. */
export interface DriverOptions extends DriverEvents {
  readonly signal: AbortSignal
  /** CPUs the generator is pinned to (`taskset`), when cores allow. */
  readonly cpus?: readonly number[]
  /** Called with the pid of each generator process once it runs, so that it can be accounted for and ended. */
  onProcess?(pid: number): void
}
