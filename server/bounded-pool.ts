import { Overloaded } from './overloaded.ts'
import { monotonicS } from './clock.ts'
import { type PoolFigures } from './executor.ts'
import { outputOf, type TaskOutcome, type TaskRequest } from './task.ts'

/**
 * A task that nobody wants any more keeps its thread or process for this long, in ms, before that is killed: starting
 * another takes some 40 ms of CPU (Node 20, 2 shared cores, November 2026), so that a short task had better finish.
 */
const KILL_AFTER_MS = 100

/** A task under way in some thread or process. */
export interface RunningTask {
  readonly outcome: Promise<TaskOutcome>
  /** Ends it by force; the outcome then rejects or never comes. */
  kill(): void
}

/** What a pool is made of. */
export interface PoolOptions {
  /** Tasks under way at once. */
  readonly size: number
  /** Tasks that may wait. */
  readonly maxQueue: number
  /** Starts a task; there is a free place for it. */
  start(task: TaskRequest): RunningTask
  /** Told how long each task waited before its work began, in seconds. */
  readonly onWait: ((waitS: number) => void) | undefined
}

interface WaitingTask {
  readonly task: TaskRequest
  readonly arrivedS: number
  readonly signal: AbortSignal
  readonly resolve: (output: unknown) => void
  readonly reject: (reason: unknown) => void
  /** Takes the abort listener off again. */
  forget: () => void
}

/**
 * One bounded queue in front of some places, first come first served: the core of every executor that hands work to
 * threads or processes. (Piscina's own queue does not bound tasks that carry an abort signal: they skip its count.)
 */
export class BoundedPool {
  readonly #options: PoolOptions
  readonly #queue: WaitingTask[] = []
  #inUse = 0
  #waitS = 0
  #tasks = 0
  #shed = 0
  #givenUp = 0
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Runs a task; rejects with {@link Overloaded} when the queue is full and with the signal's reason when it aborts. */
  run(task: TaskRequest, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return Promise.reject(reasonOf(signal))
    const full = this.#inUse >= this.#options.size && this.#queue.length >= this.#options.maxQueue
    if (full || this.#closed) {
      this.#shed++
      return Promise.reject(new Overloaded(full ? 'The queue of the pool is full.' : 'The pool is closing.', 1))
    }
    return new Promise((resolve, reject) => {
      const waiting: WaitingTask = { task, arrivedS: monotonicS(), signal, resolve, reject, forget: () => undefined }
      if (this.#inUse < this.#options.size) this.#start(waiting)
      else this.#enqueue(waiting)
    })
  }

  /** The figures of this moment. */
  figures(): PoolFigures {
    return {
      size: this.#options.size,
      inUse: this.#inUse,
      queueLength: this.#queue.length,
      waitSecondsTotal: this.#waitS,
      tasksTotal: this.#tasks,
      shedTotal: this.#shed,
      givenUpTotal: this.#givenUp,
    }
  }

  /** Takes no more tasks and sheds those that wait. Whoever ends the places makes the tasks under way reject. */
  close(): void {
    this.#closed = true
    for (const waiting of this.#queue.splice(0)) {
      waiting.forget()
      waiting.reject(new Overloaded('The pool is closing.', 1))
    }
  }

  #enqueue(waiting: WaitingTask): void {
    const abort = (): void => {
      this.#givenUp++
      this.#queue.splice(this.#queue.indexOf(waiting), 1)
      waiting.reject(reasonOf(waiting.signal))
    }
    waiting.signal.addEventListener('abort', abort, { once: true })
    waiting.forget = () => waiting.signal.removeEventListener('abort', abort)
    this.#queue.push(waiting)
  }

  #start(waiting: WaitingTask): void {
    this.#inUse++
    const running = this.#options.start(waiting.task)
    let killer: NodeJS.Timeout | undefined
    const abort = (): void => {
      this.#givenUp++
      waiting.reject(reasonOf(waiting.signal))
      killer = setTimeout(() => running.kill(), KILL_AFTER_MS)
    }
    waiting.forget()
    waiting.signal.addEventListener('abort', abort, { once: true })
    const settle = (): void => {
      clearTimeout(killer)
      waiting.signal.removeEventListener('abort', abort)
      this.#tasks++
      this.#next()
    }
    running.outcome.then(
      (outcome) => {
        settle()
        this.#notedWait(outcome.startedS - waiting.arrivedS)
        try {
          waiting.resolve(outputOf(outcome))
        } catch (error) {
          waiting.reject(error)
        }
        return undefined
      },
      (error: unknown) => {
        settle()
        waiting.reject(error)
      },
    )
  }

  #next(): void {
    this.#inUse--
    const next = this.#queue.shift()
    if (next !== undefined) this.#start(next)
  }

  #notedWait(waitS: number): void {
    const positive = Math.max(0, waitS)
    this.#waitS += positive
    this.#options.onWait?.(positive)
  }
}

function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new Error('The request was given up.')
}
