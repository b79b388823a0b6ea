import { monotonicS } from './clock.ts'
import type { PoolFigures } from './executor.ts'

/** Length of a slice in ms: short beside what a person or a proxy notices, long beside the 2 µs that a yield costs. */
const SLICE_MS = 5

interface SlicedTask {
  readonly arrivedS: number
  readonly work: Generator<void, unknown>
  readonly signal: AbortSignal
  readonly resolve: (output: unknown) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Gives sliced work one slice at a time in turn, and lets the event loop turn after each, so that new requests, timers
 * and answers never wait for more than one slice, however many tasks there are.
 */
export class SliceQueue {
  readonly #onWait: ((waitS: number) => void) | undefined
  readonly #tasks: SlicedTask[] = []
  /** Tasks that have not had a slice yet. */
  readonly #fresh = new Set<SlicedTask>()
  #waitS = 0
  #done = 0
  #scheduled = false
  #closed = false

  /** `onWait` is called with the time that each task waited for its first slice, in seconds. */
  constructor(onWait?: (waitS: number) => void) {
    this.#onWait = onWait
  }

  /** Runs work to its end in slices; rejects with the signal's reason when it aborts between two of them. */
  run(work: Generator<void, unknown>, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const task: SlicedTask = { arrivedS: monotonicS(), work, signal, resolve, reject }
      this.#tasks.push(task)
      this.#fresh.add(task)
      if (this.#closed) this.close()
      else this.#schedule()
    })
  }

  /** Tasks in turn: one is in use while there is any. */
  figures(): PoolFigures {
    const inUse = Math.min(1, this.#tasks.length)
    return {
      size: 1,
      inUse,
      queueLength: this.#tasks.length - inUse,
      waitSecondsTotal: this.#waitS,
      tasksTotal: this.#done,
      shedTotal: 0,
      givenUpTotal: 0,
    }
  }

  /** Ends all work: the tasks that are not done reject. */
  close(): void {
    this.#closed = true
    for (const { work, reject } of this.#tasks.splice(0)) {
      work.return(undefined)
      reject(new Error('The server is closing.'))
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#tasks.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#turn()
    })
  }

  #turn(): void {
    const task = this.#tasks.shift()
    if (task === undefined) return
    if (this.#fresh.delete(task)) this.#noteWait(monotonicS() - task.arrivedS)
    if (!this.#advance(task)) this.#tasks.push(task)
    this.#schedule()
  }

  #noteWait(waitS: number): void {
    this.#waitS += waitS
    this.#onWait?.(waitS)
  }

  /** Works on a task for one slice; true when it is over. */
  #advance({ work, signal, resolve, reject }: SlicedTask): boolean {
    if (signal.aborted) {
      work.return(undefined)
      reject(signal.reason)
      return true
    }
    try {
      const untilMs = performance.now() + SLICE_MS
      do {
        const step = work.next()
        if (step.done !== true) continue
        this.#done++
        resolve(step.value)
        return true
      } while (performance.now() < untilMs)
      return false
    } catch (error) {
      this.#done++
      reject(error)
      return true
    }
  }
}
