import type { ConnectionUse } from '../../../core/capacity.ts'
import { deriveSeed, seededRandom, type Random } from '../../../core/random.ts'
import type { Routing } from '../../../core/routing.ts'
import { gapSampler } from './arrivals.ts'
import { ConnectionPool } from './connection-pool.ts'
import { sampler } from './distribution.ts'
import { EventHeap } from './event-heap.ts'
import { JobQueues, JobTable, PHASE } from './job-table.ts'
import { RequestSource } from './request-source.ts'
import type { SimulationResult, SimulationSpec } from './specification.ts'
import { WorkerTable } from './worker-table.ts'

/** Requests in flight at which a simulation is given up unless it says otherwise. */
const MAX_IN_FLIGHT = 200_000

/** The queue of requests that have no worker yet, and that of requests that have no connection yet. */
const UNROUTED = 0
const UNCONNECTED = 1

/**
 * The event loop of one simulation. CPU parts end by a virtual clock that runs slower than time while more workers
 * compute than there are cores, so that equal sharing of cores needs no rescheduling of events.
 */
export class SimulationEngine {
  readonly #spec: SimulationSpec
  readonly #jobs = new JobTable()
  readonly #queues = new JobQueues(this.#jobs, 2)
  readonly #cpuEnds = new EventHeap()
  readonly #waitEnds = new EventHeap()
  readonly #workers: WorkerTable
  readonly #connections: ConnectionPool | null
  readonly #source: RequestSource
  readonly #routing: Routing
  readonly #cores: number
  readonly #sliceS: number
  readonly #sharesCore: number
  /** Where the clock of CPU will be when each worker's CPU part ends, and what it then owes for having shared its core. */
  readonly #endsAtS: Float64Array
  readonly #owesS: Float64Array
  /** Draws the gap to the next arrival; null in a closed loop. */
  readonly #gapS: (() => number) | null
  readonly #frontS: (() => number) | null
  readonly #random: Random
  /** Which core a woken worker finds itself on. */
  readonly #randomCore: Random
  readonly #warmup: number
  readonly #latenciesS: Float64Array
  readonly #routeOf: Uint8Array
  #nowS = 0
  #virtualS = 0
  /** Virtual seconds per second. */
  #speed = 1
  #computing = 0
  #arrived = 0
  /** Instant from which workers, answers and queues are counted; NaN before. */
  #countingFromS = Number.NaN
  #counted = 0
  #answered = 0
  /** Integral of the requests in flight over time. */
  #inFlightS = 0

  constructor(spec: SimulationSpec) {
    const { server, client, requests, seed } = spec
    const stream = (name: string): Random => seededRandom(deriveSeed(seed, name))
    this.#spec = spec
    this.#routing = server.routing
    this.#cores = server.cores ?? Infinity
    this.#sliceS = server.sliceS ?? Infinity
    this.#sharesCore = server.sharesCore ?? 0
    this.#endsAtS = new Float64Array(server.workers + 1)
    this.#owesS = new Float64Array(server.workers + 1)
    this.#random = stream('choices')
    this.#randomCore = stream('cores')
    this.#workers = new WorkerTable(this.#jobs, server)
    this.#source = new RequestSource(spec.routes, stream)
    this.#frontS = server.front === undefined ? null : sampler(server.front, stream('front'))
    const arrivals = seededRandom(deriveSeed(spec.arrivalSeed ?? seed, 'arrivals'))
    this.#gapS = client.arrivals.kind === 'closed' ? null : gapSampler(client.arrivals, arrivals)
    const connections = connectionsOf(spec)
    this.#connections =
      connections === null ? null : new ConnectionPool(connections, server.routing, server.workers, this.#random)
    this.#warmup = spec.warmupRequests ?? Math.max(1000, Math.ceil(requests / 20))
    this.#latenciesS = new Float64Array(requests).fill(Infinity)
    this.#routeOf = new Uint8Array(requests)
  }

  /** Runs until every counted request is answered, or too many are in flight. */
  run(): SimulationResult {
    const { client, requests, maxInFlight = MAX_IN_FLIGHT } = this.#spec
    const cpuEnds = this.#cpuEnds
    const waitEnds = this.#waitEnds
    const gapS = this.#gapS ?? ((): number => Infinity)
    let nextArrivalS = gapS()
    if (client.arrivals.kind === 'closed') for (let i = 0; i < client.arrivals.connections; i++) this.#arrive()
    while (this.#counted < requests && this.#jobs.inUse <= maxInFlight) {
      const cpuEndS = this.#nowS + (cpuEnds.firstKey - this.#virtualS) / this.#speed
      const waitEndS = waitEnds.firstKey
      if (nextArrivalS < cpuEndS && nextArrivalS < waitEndS) {
        this.#advance(nextArrivalS)
        this.#arrive()
        nextArrivalS += gapS()
      } else if (cpuEndS <= waitEndS) {
        this.#advance(cpuEndS)
        this.#virtualS = cpuEnds.firstKey
        this.#endCpu(cpuEnds.pop())
      } else {
        this.#advance(waitEndS)
        this.#endWait(waitEnds.pop())
      }
    }
    return this.#result()
  }

  #advance(toS: number): void {
    const stepS = toS - this.#nowS
    if (stepS <= 0) return
    this.#nowS = toS
    this.#virtualS += stepS * this.#speed
    if (this.#arrived > this.#warmup) this.#inFlightS += stepS * this.#jobs.inUse
  }

  #arrive(): void {
    const jobs = this.#jobs
    const source = this.#source
    const job = jobs.allocate()
    const order = this.#arrived++
    if (order === this.#warmup) {
      this.#countingFromS = this.#nowS
      this.#workers.resetCounts()
    }
    source.draw()
    jobs.arrivedS[job] = this.#nowS
    jobs.order[job] = order
    jobs.route[job] = source.route
    jobs.firstCpuS[job] = source.firstCpuS
    jobs.waitS[job] = source.waitS
    jobs.lastCpuS[job] = source.lastCpuS
    const connection = this.#connections === null ? -1 : this.#connections.take()
    if (connection < 0 && this.#connections !== null) this.#queues.push(UNCONNECTED, job)
    else this.#send(job, connection)
  }

  #send(job: number, connection: number): void {
    this.#jobs.connection[job] = connection
    if (this.#frontS === null) return this.#route(job)
    this.#jobs.phase[job] = PHASE.front
    this.#jobs.cpuLeftS[job] = this.#frontS()
    this.#jobs.worker[job] = this.#workers.front
    this.#ready(this.#workers.front, job)
  }

  /** Finds the request's worker, or leaves it where a worker will take it. */
  #route(job: number): void {
    const workers = this.#workers
    const connection = this.#jobs.connection[job] as number
    const pinnedTo = connection < 0 ? -1 : (this.#connections?.workerOf(connection) ?? -1)
    this.#jobs.phase[job] = PHASE.first
    this.#jobs.cpuLeftS[job] = this.#jobs.firstCpuS[job] as number
    if (pinnedTo >= 0) return this.#toWorker(pinnedTo, job)
    switch (this.#routing) {
      case 'one':
        return this.#toWorker(0, job)
      case 'proxy-round-robin':
      case 'client-round-robin':
        return this.#toWorker(workers.nextInTurn(), job)
      case 'least-connections':
        return this.#toWorker(workers.leastLoaded(), job)
      case 'kernel-hash':
        return this.#toWorker(Math.floor(this.#random() * workers.count), job)
      case 'central-queue':
        return this.#toFree(workers.withFreeSlot(), job)
      case 'shared-accept':
        return this.#toFree(workers.hasLoops ? workers.lastIdle() : workers.withFreeSlot(), job)
      case 'round-robin-connections':
        this.#queues.push(UNROUTED, job)
        return this.#handOver(workers.nextUnreserved())
    }
  }

  #toFree(worker: number, job: number): void {
    if (worker < 0) this.#queues.push(UNROUTED, job)
    else this.#toWorker(worker, job)
  }

  /**
   * node:cluster's primary (lib/internal/cluster/round_robin_handle.js): connections go in turn to the workers that have
   * acknowledged their last one, and a worker acknowledges when its event loop turns. So at most one connection waits
   * at a worker that computes, and the others wait at the primary.
   */
  #handOver(worker: number): void {
    const workers = this.#workers
    if (worker < 0) return
    for (let job = this.#queues.shift(UNROUTED); job >= 0; job = this.#queues.shift(UNROUTED)) {
      if (workers.loopIsBusy(worker)) {
        workers.reserved[worker] = job
        return
      }
      this.#toWorker(worker, job)
    }
    workers.unreserve(worker)
  }

  #toWorker(worker: number, job: number): void {
    const workers = this.#workers
    const connection = this.#jobs.connection[job] as number
    if (connection >= 0) this.#connections?.pin(connection, worker)
    this.#jobs.worker[job] = worker
    workers.outstanding[worker] = (workers.outstanding[worker] as number) + 1
    if ((workers.inService[worker] as number) >= workers.slots) workers.slotQueues.push(worker, job)
    else this.#admit(worker, job)
  }

  #admit(worker: number, job: number): void {
    this.#workers.inService[worker] = (this.#workers.inService[worker] as number) + 1
    this.#ready(worker, job)
  }

  #ready(worker: number, job: number): void {
    if (this.#workers.canCompute(worker)) this.#compute(worker, job, this.#sharedS(worker, job))
    else this.#workers.runQueues.push(worker, job)
  }

  /**
   * What the CPU part of a woken worker takes longer because it is on the core of another. Two parts that share a core both
   * take as much longer as the shorter has left.
   */
  #sharedS(worker: number, job: number): number {
    const computing = this.#computing
    if (this.#sharesCore === 0 || computing === 0 || computing >= this.#cores) return 0
    if (this.#randomCore() >= computing * this.#sharesCore) return 0
    const other = this.#workers.computingOne(Math.floor(this.#randomCore() * computing))
    if (other < 0 || other === worker) return 0
    const othersS = (this.#endsAtS[other] as number) + (this.#owesS[other] as number) - this.#virtualS
    const sharedS = Math.min(othersS, this.#jobs.cpuLeftS[job] as number, this.#sliceS)
    this.#owesS[other] = (this.#owesS[other] as number) + sharedS
    return sharedS
  }

  #compute(worker: number, job: number, sharedS: number = 0): void {
    const workers = this.#workers
    const leftS = this.#jobs.cpuLeftS[job] as number
    const partS = leftS < this.#sliceS ? leftS : this.#sliceS
    const endsAtS = this.#virtualS + partS + sharedS
    this.#jobs.cpuLeftS[job] = leftS - partS
    workers.computing[worker] = (workers.computing[worker] as number) + 1
    workers.cpuS[worker] = (workers.cpuS[worker] as number) + partS
    this.#endsAtS[worker] = endsAtS
    this.#cpuEnds.push(endsAtS, job)
    this.#countComputing(1)
  }

  #countComputing(change: number): void {
    this.#computing += change
    this.#speed = this.#computing <= this.#cores ? 1 : this.#cores / this.#computing
  }

  #endCpu(job: number): void {
    const workers = this.#workers
    const worker = this.#jobs.worker[job] as number
    const owesS = this.#owesS[worker] as number
    if (owesS > 0) {
      this.#owesS[worker] = 0
      this.#endsAtS[worker] = this.#virtualS + owesS
      this.#cpuEnds.push(this.#virtualS + owesS, job)
      return
    }
    workers.computing[worker] = (workers.computing[worker] as number) - 1
    this.#countComputing(-1)
    this.#proceed(job, worker)
    if (workers.turnsLoop(worker)) this.#turnLoop(worker)
    while (workers.hasReady(worker)) this.#compute(worker, workers.runQueues.shift(worker))
    if (workers.computing[worker] === 0) workers.idleSinceS[worker] = this.#nowS
  }

  /** What a request does next when a stretch of its CPU is over. */
  #proceed(job: number, worker: number): void {
    const jobs = this.#jobs
    if ((jobs.cpuLeftS[job] as number) > 0) this.#workers.runQueues.push(worker, job)
    else if (jobs.phase[job] === PHASE.front) this.#route(job)
    else if (jobs.phase[job] === PHASE.first && (jobs.waitS[job] as number) > 0) {
      this.#waitEnds.push(this.#nowS + (jobs.waitS[job] as number), job)
    } else this.#answer(job)
  }

  /** A worker's event loop turns: it acknowledges a handed-over connection, or accepts all that wait to be accepted. */
  #turnLoop(worker: number): void {
    const workers = this.#workers
    const reserved = workers.reserved[worker] as number
    if (reserved >= 0) {
      workers.reserved[worker] = -1
      this.#toWorker(worker, reserved)
      this.#handOver(worker)
    } else if (this.#routing === 'shared-accept') {
      for (let job = this.#queues.shift(UNROUTED); job >= 0; job = this.#queues.shift(UNROUTED)) {
        this.#toWorker(worker, job)
      }
    }
    workers.beginTurn(worker)
  }

  #endWait(job: number): void {
    const lastCpuS = this.#jobs.lastCpuS[job] as number
    if (lastCpuS === 0) return this.#answer(job)
    this.#jobs.phase[job] = PHASE.last
    this.#jobs.cpuLeftS[job] = lastCpuS
    this.#ready(this.#jobs.worker[job] as number, job)
  }

  #answer(job: number): void {
    const jobs = this.#jobs
    const workers = this.#workers
    const worker = jobs.worker[job] as number
    const connection = jobs.connection[job] as number
    const place = (jobs.order[job] as number) - this.#warmup
    if (place >= 0 && place < this.#latenciesS.length) {
      this.#latenciesS[place] = this.#nowS - (jobs.arrivedS[job] as number)
      this.#routeOf[place] = jobs.route[job] as number
      this.#counted++
    }
    if (this.#arrived > this.#warmup) this.#answered++
    workers.outstanding[worker] = (workers.outstanding[worker] as number) - 1
    workers.inService[worker] = (workers.inService[worker] as number) - 1
    workers.answered[worker] = (workers.answered[worker] as number) + 1
    jobs.release(job)
    this.#fillSlot(worker)
    if (connection >= 0) this.#reuse(connection)
    if (this.#gapS === null) this.#arrive()
  }

  #fillSlot(worker: number): void {
    const own = this.#workers.slotQueues.shift(worker)
    if (own >= 0) return this.#admit(worker, own)
    if (this.#workers.hasLoops || this.#routing === 'round-robin-connections') return
    const common = this.#queues.shift(UNROUTED)
    if (common >= 0) this.#toWorker(worker, common)
  }

  #reuse(connection: number): void {
    const job = this.#queues.shift(UNCONNECTED)
    if (job >= 0) this.#send(job, connection)
    else this.#connections?.release(connection, this.#nowS)
  }

  #result(): SimulationResult {
    const workers = this.#workers
    const elapsedS = this.#nowS - this.#countingFromS
    const perWorker = (values: ArrayLike<number>, by: number): number[] =>
      Array.from({ length: workers.count }, (_, worker) => (values[worker] as number) / by)
    return {
      latenciesS: this.#latenciesS,
      sortedS: this.#latenciesS.slice().sort(),
      routes: this.#routeOf,
      meanS: this.#latenciesS.reduce((sum, latency) => sum + latency, 0) / this.#latenciesS.length,
      throughputPerS: this.#answered / elapsedS,
      utilisation: perWorker(workers.cpuS, elapsedS),
      frontUtilisation: this.#frontS === null ? null : (workers.cpuS[workers.front] as number) / elapsedS,
      workerShare: perWorker(workers.answered, Math.max(1, this.#answered)),
      meanInFlight: this.#inFlightS / elapsedS,
      peakInFlight: this.#jobs.peak,
      connectionsOpened: this.#connections?.opened ?? this.#arrived,
      diverged: this.#counted < this.#latenciesS.length,
    }
  }
}

/** A closed loop's connections are all open from the start, and each sends its next request when it is answered. */
function connectionsOf({ client }: SimulationSpec): ConnectionUse | null {
  if (client.arrivals.kind !== 'closed') return client.connections ?? null
  if (client.connections !== undefined) return { ...client.connections, count: client.arrivals.connections }
  return { count: client.arrivals.connections, choice: 'first', opened: 'before' }
}
