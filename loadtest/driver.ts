import type { Load, LoadRecord, Workload } from '../core/load.ts'
import type { DriverProgress } from './driver-progress.ts'
import type { ClientPolicy } from './drivers/steering.ts'
import type { Probes } from './drivers/probe.ts'
import type { GeneratorProcesses } from './generator-processes.ts'

/** What a driver reports while it runs. */
export interface DriverEvents {
  /** The counted part begins: the caller reads its CPU counters now. */
  onCounting?(): void
  /** The counted part is over; requests in flight may still be drained. */
  onCounted?(): void
  /**
   * About once a second: figures for a live line, from the counted part or the warm-up; and at the end of a counted part
   * that ends within a second, of the rest of it.
   */
  onProgress?(progress: DriverProgress): void
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
  /** Processes that stay between the loads of a run; without them each load starts its own and ends them. */
  readonly generators?: GeneratorProcesses
  /** What is known of the targets from earlier loads of the same servers. */
  readonly probes?: Probes
  /** Whether an open loop reports each second route by route (`ledger` of its progress). */
  readonly tallied?: boolean
  /** Called once an open loop runs, with what changes how its clients behave. */
  onSteering?(steer: (policy: ClientPolicy) => void): void
  /**
   * Called once all generator processes are ready: the instant of the clock they share at which they are to begin, an open
   * load at it and a closed one when this resolves. Without it they begin as soon as all have heard of it.
   */
  startAt?(): Promise<number>
  /** Called with the pid of each generator process once it runs, so that it can be accounted for and ended. */
  onProcess?(pid: number): void
}
