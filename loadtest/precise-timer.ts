import { Worker } from 'node:worker_threads'
import { compiled } from '../core/paths.ts'

/**
 * How long before an instant the thread wakes the event loop, which then turns until the instant. Waking takes some
 * 30 to 80 µs on Linux. Turning for longer makes instants no more exact but takes CPU, and a process that has used up
 * its share of a busy core is itself put off: with 2 ms instead of 0.15 ms, 0.45 instead of 0.1 cores were used at
 * 1,000 instants a second, and the late ones were later (2 shared cores, Node 20.20, November 2025). With real-time
 * priority the kernel wakes a sleeper at its time, where it gives others up to 50 µs of slack, but every turn keeps the
 * server from a core: with 0.02 ms half of the sends at 200 a second were still more than 77 µs late, since an idle core
 * takes as long to wake; with 0.15 ms 0.43 instead of 0.27 cores were used at 1,900 a second, and nothing was less late.
 */
export const WAKE_BEFORE_MS = { ordinary: 0.15, realTime: 0.1 } as const
/** Instants that are not this much further off than the waking are not worth a sleep. */
const WORTH_A_SLEEP_MS = 0.1
/** Turns of the event loop shorter than this did nothing but wait. */
const EMPTY_TURN_MS = 0.02

/** Positions in the memory shared with the thread. */
export const SHARED = { bytes: 16, armed: 0, version: 1, dueAtByte: 8 } as const

/** What the thread is given. The instant in the shared memory is one of {@link monotonicMs}. */
export interface ThreadSettings {
  readonly shared: SharedArrayBuffer
  readonly wakeBeforeMs: number
}

/** Milliseconds of the clock that all threads and processes of a machine share and that nothing ever sets. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

/**
 * Calls back at instants of `performance.now()`, a few µs late when the machine is idle, where `setTimeout` is up to a
 * millisecond late and more. A thread sleeps until shortly before the next instant and wakes the event loop, which then
 * turns until it has come; a call is never early.
 */
export class PreciseTimer {
  readonly #thread: Worker
  readonly #state: Int32Array
  readonly #due: Float64Array
  /** Ordered by instant, latest first, so that the next one is the last. */
  readonly #calls: { dueMs: number; callback: () => void }[] = []
  /** What `performance.now()` lacks to the shared clock. */
  readonly #originMs = monotonicMs() - performance.now()
  readonly #worthASleepMs: number
  #turning = false
  #turnedAtMs = 0
  #idleMs = 0

  /** `wakeBeforeMs`: see {@link WAKE_BEFORE_MS}. */
  constructor(wakeBeforeMs: number = WAKE_BEFORE_MS.ordinary) {
    this.#worthASleepMs = wakeBeforeMs + WORTH_A_SLEEP_MS
    const shared = new SharedArrayBuffer(SHARED.bytes)
    this.#state = new Int32Array(shared, 0, 2)
    this.#due = new Float64Array(shared, SHARED.dueAtByte, 1)
    const workerData: ThreadSettings = { shared, wakeBeforeMs }
    this.#thread = new Worker(compiled('loadtest/precise-timer-thread.js'), { workerData })
    this.#thread.on('message', () => {
      if (!this.#turning) this.#turn()
    })
    this.#thread.on('error', (error) => {
      throw error
    })
  }

  /** Milliseconds that the event loop has only turned, waiting for an instant. */
  get idleMs(): number {
    return this.#idleMs
  }

  /** Calls back at an instant of `performance.now()`, at once (but never within this call) when it is over. */
  at(dueMs: number, callback: () => void): void {
    let place = this.#calls.length
    while (place > 0 && (this.#calls[place - 1]?.dueMs ?? 0) <= dueMs) place--
    this.#calls.splice(place, 0, { dueMs, callback })
    if (place === this.#calls.length - 1 && !this.#turning) this.#await(performance.now())
  }

  /** Ends the thread; calls still due never come. */
  async close(): Promise<void> {
    this.#calls.length = 0
    await this.#thread.terminate()
  }

  #turn(): void {
    this.#turning = true
    let nowMs = performance.now()
    const turnMs = nowMs - this.#turnedAtMs
    if (turnMs < EMPTY_TURN_MS) this.#idleMs += turnMs
    for (let next = this.#calls.at(-1); next !== undefined && next.dueMs <= nowMs; next = this.#calls.at(-1)) {
      this.#calls.pop()
      next.callback()
      nowMs = performance.now()
    }
    this.#turning = false
    if (this.#calls.length > 0) this.#await(nowMs)
  }

  /** Sleeps until the next call is near, or turns until it is due. */
  #await(nowMs: number): void {
    const dueMs = this.#calls.at(-1)?.dueMs ?? 0
    if (dueMs - nowMs < this.#worthASleepMs) {
      this.#turning = true
      this.#turnedAtMs = nowMs
      setImmediate(() => this.#turn())
      return
    }
    this.#due[0] = this.#originMs + dueMs
    Atomics.add(this.#state, SHARED.version, 1)
    Atomics.store(this.#state, SHARED.armed, 1)
    Atomics.notify(this.#state, SHARED.armed)
    Atomics.notify(this.#state, SHARED.version)
  }
}
