import { monotonicS } from './clock.ts'

/** Doubles of one place: tasks done, seconds worked, and when the task under way began (0 = none). */
const FIELDS = 3

/** What is known about the thread in one place. */
export interface ThreadFigures {
  /** 1, 2 … stable over replacements of the thread. */
  readonly place: number
  /** `threadId` of node:worker_threads. */
  readonly thread: number
  readonly tasks: number
  /** Seconds worked, the task under way included. */
  readonly busyS: number
}

/**
 * What the threads of a pool write about themselves in shared memory, so that it can be read while they compute or the
 * main thread is blocked. A thread claims a free place when it starts; the pool's owner frees it when the thread is gone.
 */
export class ThreadBoard {
  readonly buffer: SharedArrayBuffer
  readonly #owners: Int32Array
  readonly #cells: Float64Array

  /** A new board with this many places, or another thread's view of one. */
  constructor(placesOrBuffer: number | SharedArrayBuffer) {
    this.buffer =
      typeof placesOrBuffer === 'number' ? new SharedArrayBuffer(placesOrBuffer * bytesPerPlace()) : placesOrBuffer
    const places = this.buffer.byteLength / bytesPerPlace()
    this.#cells = new Float64Array(this.buffer, 0, places * FIELDS)
    this.#owners = new Int32Array(this.buffer, places * FIELDS * Float64Array.BYTES_PER_ELEMENT, places * 2)
  }

  /** Takes a free place for a thread and clears its figures; -1 when there is none. */
  claim(thread: number): number {
    for (let place = 0; place < this.#owners.length / 2; place++) {
      if (Atomics.compareExchange(this.#owners, place, 0, thread) === 0) {
        this.#cells.fill(0, place * FIELDS, (place + 1) * FIELDS)
        return place
      }
    }
    return -1
  }

  /** Frees the place of a thread that is gone. */
  release(thread: number): void {
    for (let place = 0; place < this.#owners.length / 2; place++) {
      Atomics.compareExchange(this.#owners, place, thread, 0)
    }
  }

  /** Notes that the thread in a place begins a task; nothing happens for place -1. */
  begin(place: number): void {
    if (place >= 0) this.#cells[place * FIELDS + 2] = monotonicS()
  }

  /** Notes that the task under way has ended. */
  end(place: number): void {
    if (place < 0) return
    const at = place * FIELDS
    const startedS = this.#cells[at + 2] ?? 0
    this.#cells[at] = (this.#cells[at] ?? 0) + 1
    this.#cells[at + 1] = (this.#cells[at + 1] ?? 0) + monotonicS() - startedS
    this.#cells[at + 2] = 0
  }

  /** The threads that are there now. */
  threads(): ThreadFigures[] {
    const nowS = monotonicS()
    return Array.from({ length: this.#owners.length / 2 }, (_, place) => {
      const at = place * FIELDS
      const startedS = this.#cells[at + 2] ?? 0
      return {
        place: place + 1,
        thread: this.#owners[place] ?? 0,
        tasks: this.#cells[at] ?? 0,
        busyS: (this.#cells[at + 1] ?? 0) + (startedS > 0 ? Math.max(0, nowS - startedS) : 0),
      }
    }).filter(({ thread }) => thread !== 0)
  }
}

/** The owner takes two 32-bit words, of which one is used, so that every place is a whole number of doubles. */
function bytesPerPlace(): number {
  return FIELDS * Float64Array.BYTES_PER_ELEMENT + 2 * Int32Array.BYTES_PER_ELEMENT
}
