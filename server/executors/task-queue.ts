import type { ExecutorKind, ExecutorOptions } from '../executors.ts'
import { TaskQueue } from '../task-queue.ts'
import { taskOf } from '../task.ts'
import { queueExecutor } from './task-queue-reply.ts'

/** How long a result can be fetched. */
const RETENTION = { ageS: 300, count: 10_000 } as const

/**
 * Computes in other processes behind a queue in Redis (BullMQ), and answers at once with the id of a job whose result is
 * fetched later: what Celery and RQ are used for. Work that a handler hands over while it answers is waited for.
 */
export const executor: ExecutorKind = {
  id: 'task-queue',
  summary: 'Computing in worker processes behind a queue in Redis; the answer is 202 with a job to ask for later.',
  async create(options: ExecutorOptions) {
    const queue = await TaskQueue.connect(options, RETENTION)
    return {
      ...queueExecutor('task-queue', queue),
      submit: (handler, input, context) => queue.submit(taskOf(handler, input, context)),
      find: (id) => queue.find(id),
    }
  },
}
