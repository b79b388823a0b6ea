import { leavesLoop, type Executor, type ExecutorId } from '../executor.ts'
import type { ExecutorKind, ExecutorOptions } from '../executors.ts'
import { runToEnd } from '../slices.ts'
import { TaskQueue } from '../task-queue.ts'
import { taskOf } from '../task.ts'

/** Computes in other processes behind a queue in Redis (BullMQ), and answers when the result is back. */
export const executor: ExecutorKind = {
  id: 'task-queue-reply',
  summary: 'Computing in worker processes behind a queue in Redis; the request waits for its result.',
  create: async (options: ExecutorOptions) => queueExecutor('task-queue-reply', await TaskQueue.connect(options)),
}

/** An executor over a task queue that is connected. */
export function queueExecutor(id: ExecutorId, queue: TaskQueue): Executor {
  return {
    id,
    run: async (handler, input, context) =>
      leavesLoop(handler)
        ? queue.run(taskOf(handler, input, context), context.signal)
        : runToEnd(handler.run(input, context)),
    pool: () => queue.figures(),
    backlog: () => queue.backlog(),
    close: () => queue.close(),
  }
}
