import { seededRandom, type Random } from '../../core/random.ts'
import type { Routing } from '../../core/routing.ts'

/**
 * Workers that exist only in arithmetic: each serves one request after another, and when a request will be done is known
 * as soon as it arrives. So any number of them fit on one core, and what a server of that many workers does is known
 * exactly. Times are milliseconds of one clock.
 */
export class VirtualWorkers {
  readonly #routing: Routing
  readonly #freeAtMs: Float64Array
  /** Instants at which the requests of each worker will be done, for least-connections. */
  readonly #due: number[][]
  readonly #random: Random
  #turn = -1

  constructor(routing: Routing, workers: number, seed: number) {
    this.#routing = routing
    this.#freeAtMs = new Float64Array(workers)
    this.#due = Array.from({ length: workers }, () => [])
    this.#random = seededRandom(seed)
  }

  /** The worker that a new connection is bound to, for routings that bind connections. */
  pin(connection: number): number {
    const workers = this.#freeAtMs.length
    return this.#routing === 'kernel-hash' ? Math.floor(this.#random() * workers) : connection % workers
  }

  /** Takes up a request that arrives now and keeps its worker busy so long; returns when it will be done. */
  serve(nowMs: number, serviceMs: number, pinnedTo: number): number {
    const worker = this.#pick(nowMs, pinnedTo)
    const doneMs = Math.max(nowMs, this.#freeAtMs[worker] ?? 0) + serviceMs
    this.#freeAtMs[worker] = doneMs
    this.#due[worker]?.push(doneMs)
    return doneMs
  }

  #pick(nowMs: number, pinnedTo: number): number {
    switch (this.#routing) {
      case 'one':
        return 0
      case 'client-round-robin':
      case 'proxy-round-robin':
        this.#turn = (this.#turn + 1) % this.#freeAtMs.length
        return this.#turn
      case 'central-queue':
        // The head of one queue is taken by whoever is free first.
        return this.#least((worker) => Math.max(nowMs, this.#freeAtMs[worker] ?? 0))
      case 'least-connections':
        return this.#least((worker) => this.#unfinished(worker, nowMs))
      case 'round-robin-connections':
      case 'kernel-hash':
      case 'shared-accept':
        return pinnedTo
    }
  }

  #unfinished(worker: number, nowMs: number): number {
    const due = this.#due[worker] ?? []
    while (due.length > 0 && (due[0] ?? 0) <= nowMs) due.shift()
    return due.length
  }

  /** The worker with the least of something, the next in turn among equals. */
  #least(of: (worker: number) => number): number {
    let best = -1
    for (let step = 1; step <= this.#freeAtMs.length; step++) {
      const worker = (this.#turn + step) % this.#freeAtMs.length
      if (best < 0 || of(worker) < of(best)) best = worker
    }
    this.#turn = best
    return best
  }
}
