import type { ServerModel } from '../model.ts'
import { startTaskQueue, TASK_QUEUE_NEEDS } from '../task-queue.ts'

const model: ServerModel = {
  id: 'task-queue-reply',
  title: 'A task queue whose requests wait for the result (BullMQ, Redis)',
  tradeoff:
    'Workers can be added on other machines, and a task survives its worker; but every task goes through Redis twice, which a pool in the process does without.',
  executor: 'task-queue-reply',
  routing: 'central-queue',
  runs: 'built-in-app',
  needs: TASK_QUEUE_NEEDS,
  topology: ({ workers }) => ({ broker: 1, worker: workers + 1 }),
  start: (context) => startTaskQueue(context, 'task-queue-reply'),
}

export default model
