import { Redis } from 'ioredis'
import { Queue, QueueEvents, Worker } from 'bullmq'
import { QUEUE_NAME, type Backlog, type TaskState } from './task-state.ts'
import type { TaskOutcome, TaskRequest } from './task.ts'

/** The queue, seen from those who put tasks into it. */
export interface TaskProducer {
  /** Puts a task into the queue; resolves when the broker has it. */
  add(id: string, task: TaskRequest): Promise<void>
  /** Takes a task that still waits out of the queue; nothing happens to one that has begun. */
  remove(id: string): Promise<void>
  /** What has become of a task; null when there is none of that id, or its result has been dropped. */
  find(id: string): Promise<TaskState | null>
  backlog(): Promise<Backlog>
  close(): Promise<void>
}

/** The queue, seen from a process that does its work. */
export interface TaskConsumer {
  /** Finishes the task under way and takes no more. */
  close(): Promise<void>
}

/** How long results can be fetched. */
export interface ResultRetention {
  readonly ageS: number
  readonly count: number
}

/** How often the workers look for tasks whose worker is silent, as a share of the time for which one may be silent. */
const STALLED_CHECK_SHARE = 0.25

/**
 * Opens the queue to put tasks into it, and reports how each of them ended: once, also those of other producers. Without
 * `retention` results are dropped once they have been reported. Resolves when the broker answers.
 */
export async function openProducer(
  brokerUrl: string,
  onEnd: (id: string, state: TaskState) => void,
  retention?: ResultRetention,
): Promise<TaskProducer> {
  const keep = retention === undefined ? true : { age: retention.ageS, count: retention.count }
  const queue = new Queue<TaskRequest, TaskOutcome>(QUEUE_NAME, {
    connection: connectionTo(brokerUrl),
    defaultJobOptions: { removeOnComplete: keep, removeOnFail: keep, attempts: 1 },
  })
  queue.on('error', report)
  const events = new QueueEvents(QUEUE_NAME, {
    connection: connectionTo(brokerUrl),
    lastEventId: await lastEvent(brokerUrl, queue.toKey('events')),
  })
  events.on('error', report)
  events.on('completed', ({ jobId, returnvalue }) =>
    onEnd(jobId, { state: 'done', outcome: returnvalue as unknown as TaskOutcome }),
  )
  events.on('failed', ({ jobId, failedReason }) => onEnd(jobId, { state: 'lost', reason: failedReason }))
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  return {
    add: async (id, task) => void (await queue.add(task.handler, task, { jobId: id })),
    remove: async (id) => void (await queue.remove(id)),
    async find(id) {
      const job = await queue.getJob(id)
      if (job === undefined) return null
      if (job.finishedOn === undefined) return { state: job.processedOn === undefined ? 'waiting' : 'active' }
      return job.failedReason
        ? { state: 'lost', reason: job.failedReason }
        : { state: 'done', outcome: job.returnvalue }
    },
    async backlog() {
      const [waiting, [oldest]] = await Promise.all([queue.getWaitingCount(), queue.getWaiting(0, 0)])
      return { waiting, oldestAgeS: oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest.timestamp) / 1000) }
    },
    close: async () => void (await Promise.all([events.close(), queue.close()])),
  }
}

/**
 * Takes tasks out of the queue and performs them, one at a time. The task of a worker that is silent for `lockS` seconds is
 * given to another. Resolves when the broker answers.
 */
export async function openConsumer(
  brokerUrl: string,
  lockS: number,
  perform: (task: TaskRequest, id: string) => Promise<TaskOutcome>,
): Promise<TaskConsumer> {
  const worker = new Worker<TaskRequest, TaskOutcome>(QUEUE_NAME, ({ data, id = '' }) => perform(data, id), {
    connection: { ...connectionTo(brokerUrl), maxRetriesPerRequest: null },
    concurrency: 1,
    lockDuration: lockS * 1000,
    stalledInterval: lockS * 1000 * STALLED_CHECK_SHARE,
  })
  worker.on('error', report)
  await worker.waitUntilReady()
  return { close: () => worker.close() }
}

/**
 * The last event so far. By default BullMQ reports what happens from its first reading on, some time after it is ready: a
 * task that ends in between would never be reported.
 */
async function lastEvent(brokerUrl: string, stream: string): Promise<string> {
  const client = new Redis(brokerUrl)
  client.on('error', report)
  try {
    const [last] = await client.xrevrange(stream, '+', '-', 'COUNT', 1)
    return last?.[0] ?? '0-0'
  } finally {
    client.disconnect()
  }
}

function connectionTo(url: string): { url: string; skipVersionCheck: true } {
  return { url, skipVersionCheck: true }
}

/** The client connects anew by itself; whoever reads the log should know. */
function report(error: Error): void {
  process.stderr.write(`The broker does not answer: ${error.message}\n`)
}
