import { JobQueues, type JobTable } from './job-table.ts'
import type { SimulatedServer } from './specification.ts'

/** The workers of a simulated server, one row each; the front station is one row more. */
export class WorkerTable {
  readonly count: number
  /** Row of the front station. */
  readonly front: number
  readonly slots: number
  /** True when workers are event loops: they take up any number of requests and run their CPU parts one by one. */
  readonly hasLoops: boolean
  /** Requests sent to each worker and not answered yet. */
  readonly outstanding: Int32Array
  /** Requests that hold a slot of each worker. */
  readonly inService: Int32Array
  /** CPU parts that each worker runs now. */
  readonly computing: Int32Array
  /** CPU seconds of each worker since counting began. */
  readonly cpuS: Float64Array
  readonly answered: Int32Array
  readonly idleSinceS: Float64Array
  /** The connection handed over to each worker but not acknowledged yet; -1 for none. */
  readonly reserved: Int32Array
  /** Requests ready to run. */
  readonly runQueues: JobQueues
  /** Requests that wait for a slot of their worker. */
  readonly slotQueues: JobQueues
  readonly #lanes: number
  /** CPU parts until each worker's event loop turns. */
  readonly #leftOfTurn: Int32Array
  /** Workers that can be handed a connection, in turn. */
  readonly #unreserved: number[]
  #turn = -1

  constructor(jobs: JobTable, server: SimulatedServer) {
    const rows = server.workers + 1
    this.count = server.workers
    this.front = server.workers
    this.slots = server.slots ?? (server.routing === 'central-queue' ? 1 : Infinity)
    this.#lanes = server.lanes ?? 1
    this.hasLoops = this.slots === Infinity && this.#lanes === 1
    this.outstanding = new Int32Array(rows)
    this.inService = new Int32Array(rows)
    this.computing = new Int32Array(rows)
    this.cpuS = new Float64Array(rows)
    this.answered = new Int32Array(rows)
    this.idleSinceS = new Float64Array(rows)
    this.reserved = new Int32Array(rows).fill(-1)
    this.runQueues = new JobQueues(jobs, rows)
    this.slotQueues = new JobQueues(jobs, rows)
    this.#leftOfTurn = new Int32Array(rows)
    this.#unreserved = Array.from({ length: server.workers }, (_, worker) => worker)
  }

  /** Forgets what was counted during the warm-up. */
  resetCounts(): void {
    this.cpuS.fill(0)
    this.answered.fill(0)
  }

  /** True when a new CPU part could start at once: a lane is free and nobody is before it. */
  canCompute(worker: number): boolean {
    return (this.computing[worker] as number) < this.#lanesOf(worker) && this.runQueues.length[worker] === 0
  }

  /** True when a CPU part waits and a lane is free. */
  hasReady(worker: number): boolean {
    return (this.computing[worker] as number) < this.#lanesOf(worker) && (this.runQueues.length[worker] as number) > 0
  }

  /** True while the worker's event loop runs a CPU part, so that it accepts and acknowledges nothing. */
  loopIsBusy(worker: number): boolean {
    return this.hasLoops && (this.computing[worker] as number) > 0
  }

  /** Counts a CPU part that ended; true when it was the last of its turn of the event loop. */
  turnsLoop(worker: number): boolean {
    if (!this.hasLoops || worker === this.front) return false
    this.#leftOfTurn[worker] = (this.#leftOfTurn[worker] as number) - 1
    return this.#leftOfTurn[worker] <= 0
  }

  /** Begins a turn of the event loop: it runs all CPU parts that are ready now. */
  beginTurn(worker: number): void {
    this.#leftOfTurn[worker] = this.runQueues.length[worker] as number
  }

  /** The next worker in turn. */
  nextInTurn(): number {
    this.#turn = (this.#turn + 1) % this.count
    return this.#turn
  }

  /** The worker with the fewest requests; the next in turn among equals. */
  leastLoaded(): number {
    return this.#leastOf(this.outstanding)
  }

  /** The worker with the fewest slots taken, if it has a free one; else -1. */
  withFreeSlot(): number {
    const worker = this.#leastOf(this.inService)
    return (this.inService[worker] as number) < this.slots ? worker : -1
  }

  /** The worker whose event loop went to sleep last (the kernel wakes the last waiter first); -1 when all are busy. */
  lastIdle(): number {
    let best = -1
    for (let worker = 0; worker < this.count; worker++) {
      if (this.computing[worker] !== 0) continue
      if (best < 0 || (this.idleSinceS[worker] as number) > (this.idleSinceS[best] as number)) best = worker
    }
    return best
  }

  /** The worker that is the `place`th (from 0) of those that compute; -1 when fewer do. */
  computingOne(place: number): number {
    let left = place
    for (let worker = 0; worker <= this.count; worker++) {
      if (this.computing[worker] !== 0 && left-- === 0) return worker
    }
    return -1
  }

  /** The worker whose turn it is to be handed a connection; -1 when every one has yet to acknowledge its last. */
  nextUnreserved(): number {
    return this.#unreserved.shift() ?? -1
  }

  /** Lets a worker be handed connections again, after the others. */
  unreserve(worker: number): void {
    this.#unreserved.push(worker)
  }

  #leastOf(counts: Int32Array): number {
    let best = -1
    for (let step = 1; step <= this.count; step++) {
      const worker = (this.#turn + step) % this.count
      if (best < 0 || (counts[worker] as number) < (counts[best] as number)) best = worker
    }
    this.#turn = best
    return best
  }

  /** The front station is one event loop. */
  #lanesOf(worker: number): number {
    return worker === this.front ? 1 : this.#lanes
  }
}
