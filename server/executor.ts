import type { Handler, HandlerContext } from './handler.ts'
import type { Backlog, TaskState } from './task-state.ts'
import type { ThreadBoard } from './thread-board.ts'

/** Where a handler's work runs once its request is parsed. */
export type ExecutorId =
  | 'inline'
  | 'cooperative'
  | 'worker-pool'
  | 'process-pool'
  | 'thread-per-request'
  | 'task-queue'
  | 'task-queue-reply'

/** Runs handlers; one per process. */
export interface Executor {
  readonly id: ExecutorId
  /**
   * Runs one handler. Rejects with {@link Overloaded} when its queue is full, and with the signal's reason when the
   * request was given up, freeing the place it held.
   */
  run(handler: Handler, input: unknown, context: HandlerContext): Promise<unknown>
  /**
   * Takes a task whose answer is fetched later, and gives its id; rejects with {@link Overloaded} as `run` does. An
   * executor that has it answers requests that compute with 202.
   */
  submit?(handler: Handler, input: unknown, context: HandlerContext): Promise<string>
  /** What has become of a task that was submitted; null when there is none of that id (any more). */
  find?(id: string): Promise<TaskState | null>
  /** What waits in the queue of tasks that it shares with other processes, as of the last second. */
  backlog?(): Backlog
  /** Figures of the pool or queue behind the executor, if it has one. */
  pool?(): PoolFigures
  /** What the threads of its pool write about themselves, if it keeps threads. */
  readonly board?: ThreadBoard
  /** Ends threads, processes and connections at once, tasks under way included: call it when drained. Idempotent. */
  close(): Promise<void>
}

/** The state of an executor's pool at one instant, and its totals so far. */
export interface PoolFigures {
  readonly size: number
  readonly inUse: number
  readonly queueLength: number
  readonly waitSecondsTotal: number
  readonly tasksTotal: number
  readonly shedTotal: number
  /** Tasks whose request was given up before they were done. */
  readonly givenUpTotal: number
}

/** Whether an executor takes a handler's work off the event loop: computing that does not leave it by itself. */
export function leavesLoop(handler: Handler): boolean {
  return handler.kind === 'cpu' && handler.offLoop !== true
}
