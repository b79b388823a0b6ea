import { Overloaded } from './overloaded.ts'
import { randomUUID } from 'node:crypto'
import { ForkwiseError } from '../core/errors.ts'
import { monotonicS } from './clock.ts'
import { type PoolFigures } from './executor.ts'
import type { ExecutorOptions } from './executors.ts'
import { openProducer, type ResultRetention, type TaskProducer } from './task-broker.ts'
import { noteTask } from './task-journal.ts'
import { answerOf, type Backlog, type TaskState } from './task-state.ts'
import type { TaskRequest } from './task.ts'

/** How often the backlog is asked for, in ms. */
const SAMPLE_MS = 1000

interface OpenTask {
  readonly addedS: number
  /** Absent when nobody waits: the result is fetched later. */
  readonly settle?: (state: TaskState) => void
}

/**
 * Tasks of this process in a queue that other processes work off, with a bound on how many may wait. The bound counts
 * this process's own tasks: it is the only one that puts any in.
 */
export class TaskQueue {
  readonly #options: ExecutorOptions
  readonly #open = new Map<string, OpenTask>()
  #producer: TaskProducer | null = null
  #backlog: Backlog = { waiting: 0, oldestAgeS: 0 }
  #sampler: NodeJS.Timeout | undefined
  #waitS = 0
  #done = 0
  #shed = 0
  #givenUp = 0
  #closing: Promise<void> | null = null

  private constructor(options: ExecutorOptions) {
    this.#options = options
  }

  /** Connects to the broker. Throws USAGE when none is named. */
  static async connect(options: ExecutorOptions, retention?: ResultRetention): Promise<TaskQueue> {
    if (options.brokerUrl === '') {
      throw new ForkwiseError('USAGE', {
        message: 'Expected `FORKWISE_BROKER` to be the address of a Redis, for a task queue; it is not set.',
        hint: '`forkwise serve task-queue` starts one of its own.',
      })
    }
    const queue = new TaskQueue(options)
    await queue.#connect(retention)
    return queue
  }

  /** Puts a task into the queue and gives its id. Rejects with {@link Overloaded} when too many wait already. */
  async submit(task: TaskRequest): Promise<string> {
    return this.#add(task)
  }

  /** Has a task done and gives its answer; a task that still waits when the signal aborts is taken out. */
  run(task: TaskRequest, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      let id: string | undefined
      const abort = (): void => {
        this.#givenUp++
        reject(signal.reason as Error)
        if (id !== undefined) this.#giveUp(id)
      }
      const settle = (state: TaskState): void => {
        signal.removeEventListener('abort', abort)
        try {
          resolve(answerOf(state))
        } catch (error) {
          reject(error)
        }
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#add(task, settle).then((added) => {
        id = added
        return signal.aborted ? this.#giveUp(added) : undefined
      }, reject)
    })
  }

  /** What has become of a task; null when there is none of that id, or its result has been dropped. */
  async find(id: string): Promise<TaskState | null> {
    return (await this.#producer?.find(id)) ?? null
  }

  /** The backlog as of the last second. */
  backlog(): Backlog {
    return this.#backlog
  }

  /** The queue as a pool of `poolSize` workers. */
  figures(): PoolFigures {
    const size = this.#options.poolSize
    return {
      size,
      inUse: Math.min(size, this.#open.size),
      queueLength: Math.max(0, this.#open.size - size),
      waitSecondsTotal: this.#waitS,
      tasksTotal: this.#done,
      shedTotal: this.#shed,
      givenUpTotal: this.#givenUp,
    }
  }

  /** Sheds the tasks that are waited for and disconnects; what is in the queue stays there. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #connect(retention: ResultRetention | undefined): Promise<void> {
    this.#producer = await openProducer(this.#options.brokerUrl, (id, state) => this.#ended(id, state), retention)
    this.#sampler = setInterval(() => void this.#sample(), SAMPLE_MS).unref()
  }

  async #add(task: TaskRequest, settle?: (state: TaskState) => void): Promise<string> {
    const { poolSize, poolQueue } = this.#options
    if (this.#closing || this.#producer === null || this.#open.size >= poolSize + poolQueue) {
      this.#shed++
      throw new Overloaded(this.#closing ? 'The task queue is closing.' : 'The task queue is full.', 1)
    }
    const id = randomUUID()
    // Noted first: a task can end before the broker's answer to its arrival is here.
    this.#open.set(id, { addedS: monotonicS(), ...(settle && { settle }) })
    try {
      await this.#producer.add(id, task)
      noteTask('accepted', id)
      return id
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }

  #giveUp(id: string): void {
    if (!this.#open.has(id)) return
    this.#producer?.remove(id).then(
      // One that has begun is not removed; it ends, and is then forgotten like any other.
      async () => ((await this.#producer?.find(id)) === null ? this.#open.delete(id) : undefined),
      () => undefined,
    )
  }

  #ended(id: string, state: TaskState): void {
    const task = this.#open.get(id)
    if (task === undefined) return
    this.#open.delete(id)
    this.#done++
    if (state.state === 'done') {
      const waitS = Math.max(0, state.outcome.startedS - task.addedS)
      this.#waitS += waitS
      this.#options.onWait?.(waitS)
    }
    task.settle?.(state)
  }

  async #sample(): Promise<void> {
    try {
      if (this.#producer && !this.#closing) this.#backlog = await this.#producer.backlog()
    } catch {
      // The broker is away; its client says so.
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#sampler)
    for (const { settle } of this.#open.values()) settle?.({ state: 'shed' })
    this.#open.clear()
    await this.#producer?.close()
  }
}
