import type { ConnectionUse } from '../../../core/capacity.ts'
import type { Random } from '../../../core/random.ts'
import type { Routing } from '../../../core/routing.ts'
import { EventHeap } from './event-heap.ts'

/** The routings that bind a connection to one worker for its life. */
const PINNING: ReadonlySet<Routing> = new Set(['round-robin-connections', 'kernel-hash', 'shared-accept'])

/** Which connections are idle, and to which worker each is pinned. */
export class ConnectionPool {
  readonly #worker: Int32Array
  readonly #choice: ConnectionUse['choice']
  readonly #pinning: boolean
  readonly #random: Random
  readonly #ordered = new EventHeap()
  readonly #unordered: number[] = []
  #opened = 0

  constructor(connections: ConnectionUse, routing: Routing, workers: number, random: Random) {
    this.#worker = new Int32Array(connections.count).fill(-1)
    this.#choice = connections.choice
    this.#pinning = PINNING.has(routing)
    this.#random = random
    if (connections.perWorker !== undefined) this.#openAs(connections.perWorker)
    else if (connections.opened === 'before') this.#openAll(routing, workers)
  }

  /** How many connections were opened so far. */
  get opened(): number {
    return this.#opened
  }

  /** The worker a connection is pinned to; -1 when it is not. */
  workerOf(connection: number): number {
    return this.#worker[connection] as number
  }

  /** Binds a connection to the worker that took its first request, if the routing does that. */
  pin(connection: number, worker: number): void {
    if (this.#pinning) this.#worker[connection] = worker
  }

  /** An idle connection, or a new one while the count allows; -1 when there is neither. */
  take(): number {
    if (this.#choice !== 'random') {
      const idle = this.#ordered.pop()
      if (idle >= 0) return idle
    } else if (this.#unordered.length > 0) {
      const place = Math.floor(this.#random() * this.#unordered.length)
      const idle = this.#unordered[place] as number
      const last = this.#unordered.pop() as number
      if (place < this.#unordered.length) this.#unordered[place] = last
      return idle
    }
    return this.#opened < this.#worker.length ? this.#opened++ : -1
  }

  /** Makes a connection idle at the instant `nowS`. */
  release(connection: number, nowS: number): void {
    if (this.#choice === 'random') this.#unordered.push(connection)
    else {
      const key = this.#choice === 'first' ? connection : this.#choice === 'least-recent' ? nowS : -nowS
      this.#ordered.push(key, connection)
    }
  }

  #openAs(perWorker: readonly number[]): void {
    for (const [worker, count] of perWorker.entries()) for (let i = 0; i < count; i++) this.#openIdle(worker)
  }

  #openAll(routing: Routing, workers: number): void {
    const held = new Int32Array(workers)
    for (let connection = 0; connection < this.#worker.length; connection++) {
      const worker = this.#firstWorker(routing, connection, held)
      held[worker] = (held[worker] as number) + 1
      this.#openIdle(worker)
    }
  }

  #openIdle(worker: number): void {
    if (this.#opened === this.#worker.length) return
    const connection = this.#opened++
    this.pin(connection, worker)
    this.release(connection, connection * 1e-9)
  }

  /** The worker of a connection that is opened while all are idle. */
  #firstWorker(routing: Routing, connection: number, held: Int32Array): number {
    if (routing === 'kernel-hash') return Math.floor(this.#random() * held.length)
    if (routing !== 'shared-accept') return connection % held.length
    // Whoever accepted most is the likeliest to be awake for the next: an urn, as uneven as what was measured (0,7,0,2).
    let place = this.#random() * (connection + held.length)
    for (let worker = 0; worker < held.length; worker++) {
      place -= 1 + (held[worker] as number)
      if (place < 0) return worker
    }
    return held.length - 1
  }
}
