import type { ServerModel } from '../model.ts'
import { startTaskQueue, TASK_QUEUE_NEEDS } from '../task-queue.ts'

const model: ServerModel = {
  id: 'task-queue',
  title: 'A task queue: 202 now, the result later (BullMQ, Redis)',
  tradeoff:
    'A request costs next to nothing however long its work takes, and bursts wait in the queue; but the client must ask again for its result, and every task goes through Redis twice.',
  executor: 'task-queue',
  routing: 'central-queue',
  runs: 'built-in-app',
  comparedAs: 'task-queue-reply',
  needs: TASK_QUEUE_NEEDS,
  topology: ({ workers }) => ({ broker: 1, worker: workers + 1 }),
  start: (context) => startTaskQueue(context, 'task-queue'),
}

export default model
