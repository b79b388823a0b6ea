/** Which CPU part of a simulated request is next or runs. */
export const PHASE = { front: 0, first: 1, last: 2 } as const

/**
 * The requests in flight of a simulation, one row each in typed arrays; rows are used again. Rows can be linked into
 * queues (see {@link JobQueues}); a row is in at most one queue.
 */
export class JobTable {
  arrivedS: Float64Array = new Float64Array(256)
  /** CPU time left of the part that is running or ready. */
  cpuLeftS: Float64Array = new Float64Array(256)
  /** CPU time of the first part, kept while the front station works. */
  firstCpuS: Float64Array = new Float64Array(256)
  waitS: Float64Array = new Float64Array(256)
  /** CPU time after the waiting part. */
  lastCpuS: Float64Array = new Float64Array(256)
  /** Place in the order of arrival. */
  order: Int32Array = new Int32Array(256)
  route: Int32Array = new Int32Array(256)
  worker: Int32Array = new Int32Array(256)
  connection: Int32Array = new Int32Array(256)
  phase: Int32Array = new Int32Array(256)
  next: Int32Array = new Int32Array(256)
  /** Rows in use now, and the most there were. */
  inUse: number = 0
  peak: number = 0
  #used = 0
  #firstFree = -1

  /** Takes a row. */
  allocate(): number {
    this.inUse++
    if (this.inUse > this.peak) this.peak = this.inUse
    if (this.#firstFree >= 0) {
      const job = this.#firstFree
      this.#firstFree = this.next[job] as number
      return job
    }
    if (this.#used === this.next.length) this.#grow()
    return this.#used++
  }

  /** Gives a row back. */
  release(job: number): void {
    this.inUse--
    this.next[job] = this.#firstFree
    this.#firstFree = job
  }

  #grow(): void {
    this.arrivedS = grownFloats(this.arrivedS)
    this.cpuLeftS = grownFloats(this.cpuLeftS)
    this.firstCpuS = grownFloats(this.firstCpuS)
    this.waitS = grownFloats(this.waitS)
    this.lastCpuS = grownFloats(this.lastCpuS)
    this.order = grownInts(this.order)
    this.route = grownInts(this.route)
    this.worker = grownInts(this.worker)
    this.connection = grownInts(this.connection)
    this.phase = grownInts(this.phase)
    this.next = grownInts(this.next)
  }
}

/** First-come-first-served queues of jobs, linked through the table. */
export class JobQueues {
  readonly #jobs: JobTable
  readonly #head: Int32Array
  readonly #tail: Int32Array
  readonly length: Int32Array

  constructor(jobs: JobTable, count: number) {
    this.#jobs = jobs
    this.#head = new Int32Array(count).fill(-1)
    this.#tail = new Int32Array(count).fill(-1)
    this.length = new Int32Array(count)
  }

  /** Puts a job at the end of a queue. */
  push(queue: number, job: number): void {
    this.#jobs.next[job] = -1
    const last = this.#tail[queue] as number
    if (last < 0) this.#head[queue] = job
    else this.#jobs.next[last] = job
    this.#tail[queue] = job
    this.length[queue] = (this.length[queue] as number) + 1
  }

  /** Takes the job at the front of a queue; -1 when it is empty. */
  shift(queue: number): number {
    const job = this.#head[queue] as number
    if (job < 0) return -1
    const second = this.#jobs.next[job] as number
    this.#head[queue] = second
    if (second < 0) this.#tail[queue] = -1
    this.length[queue] = (this.length[queue] as number) - 1
    return job
  }
}

function grownFloats(array: Float64Array): Float64Array {
  const grown = new Float64Array(array.length * 2)
  grown.set(array)
  return grown
}

function grownInts(array: Int32Array): Int32Array {
  const grown = new Int32Array(array.length * 2)
  grown.set(array)
  return grown
}
