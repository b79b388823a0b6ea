import { Worker } from 'node:worker_threads'
import { compiled } from '../core/paths.ts'

/**
 * How long before an instant the thread wakes the event loop, which then turns until the instant. Turning for longer
 * makes instants no more exact but takes CPU: an ordinary process that has used up its share of a busy core is itself put
 * off (with 2 ms instead of 0.15 ms, 0.45 instead of 0.1 cores were used at 1,000 instants a second, and the late ones
 * were later), and one with real-time priority keeps the server from the core. So real-time wakes only as long before as
 * waking takes: some 20 µs on a core that is busy, up to 0.1 ms on one that slept (2 shared cores, Node 20.20, 2026).
 */
const WAKE_BEFORE_MS = { ordinary: 0.15, realTime: { least: 0.01, first: 0.05, most: 0.12 } } as const
/** Instants that are not this much further off than the waking are not worth a sleep. */
const WORTH_A_SLEEP_MS = { ordinary: 0.1, realTime: 0.03 } as const
/** Four wakings of five are to be in time; how fast that is learnt, in milliseconds a waking. */
const LEARNING = { inTime: 0.8, stepMs: 0.002 } as const
/** Turns of the event loop shorter than this did nothing but wait. */
const EMPTY_TURN_MS = 0.02

/** Positions in the memory shared with the thread. */
export const SHARED = { bytes: 16, armed: 0, version: 1, wakeAtByte: 8 } as const

/** What the thread is given. The instant in the shared memory, when it is to wake, is one of {@link monotonicMs}. */
export interface ThreadSettings {
  readonly shared: SharedArrayBuffer
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
  readonly #wakeAt: Float64Array
  /** Ordered by instant, latest first, so that the next one is the last. */
  readonly #calls: { dueMs: number; callback: () => void }[] = []
  /** What `performance.now()` lacks to the shared clock. */
  readonly #originMs = monotonicMs() - performance.now()
  readonly #realTime: boolean
  #wakeBeforeMs: number
  /** When the thread was to wake the loop last. */
  #wakeAtMs = 0
  #turning = false
  #turnedAtMs = 0
  #idleMs = 0
  #closing = false

  /**
   * `realTime`: this process has real-time priority. `program` is what the thread runs. Without its thread no instant
   * would ever come: the error that says so is nobody's to catch, and ends the process.
   */
  constructor(realTime: boolean = false, program: string | URL = compiled('loadtest/precise-timer-thread.js')) {
    this.#realTime = realTime
    this.#wakeBeforeMs = realTime ? WAKE_BEFORE_MS.realTime.first : WAKE_BEFORE_MS.ordinary
    const shared = new SharedArrayBuffer(SHARED.bytes)
    this.#state = new Int32Array(shared, 0, 2)
    this.#wakeAt = new Float64Array(shared, SHARED.wakeAtByte, 1)
    const workerData: ThreadSettings = { shared }
    this.#thread = new Worker(program, { workerData })
    this.#thread.on('message', () => {
      if (this.#realTime) this.#learn(performance.now() - this.#wakeAtMs)
      if (!this.#turning) this.#turn()
    })
    this.#thread.on('error', (error) => {
      throw error
    })
    this.#thread.on('exit', (code) => {
      if (!this.#closing) throw new Error(`The timer thread ended with exit code ${code}.`)
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
    this.#closing = true
    this.#calls.length = 0
    await this.#thread.terminate()
  }

  /** Follows a quantile of what waking takes: up by much when it took longer, down by little when not. */
  #learn(tookMs: number): void {
    const { least, most } = WAKE_BEFORE_MS.realTime
    const step = LEARNING.stepMs * (tookMs > this.#wakeBeforeMs ? LEARNING.inTime : LEARNING.inTime - 1)
    this.#wakeBeforeMs = Math.min(most, Math.max(least, this.#wakeBeforeMs + step))
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
    const worthASleepMs = this.#realTime ? WORTH_A_SLEEP_MS.realTime : WORTH_A_SLEEP_MS.ordinary
    if (dueMs - nowMs < this.#wakeBeforeMs + worthASleepMs) {
      this.#turning = true
      this.#turnedAtMs = nowMs
      setImmediate(() => this.#turn())
      return
    }
    this.#wakeAtMs = dueMs - this.#wakeBeforeMs
    this.#wakeAt[0] = this.#originMs + this.#wakeAtMs
    Atomics.add(this.#state, SHARED.version, 1)
    Atomics.store(this.#state, SHARED.armed, 1)
    Atomics.notify(this.#state, SHARED.armed)
    Atomics.notify(this.#state, SHARED.version)
  }
}
