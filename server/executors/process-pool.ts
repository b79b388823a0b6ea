import { BoundedPool } from '../bounded-pool.ts'
import { ChildPool } from '../child-pool.ts'
import { leavesLoop, type Executor } from '../executor.ts'
import type { ExecutorKind, ExecutorOptions } from '../executors.ts'
import { runToEnd } from '../slices.ts'
import { taskOf } from '../task.ts'

/** Computes in a pool of child processes: what a pool of threads does, with memory and crashes kept apart. */
export const executor: ExecutorKind = {
  id: 'process-pool',
  summary: 'Computing in a fixed pool of child processes behind one queue; a crash takes one task with it.',
  create: createProcessPool,
}

async function createProcessPool(options: ExecutorOptions): Promise<Executor> {
  const { poolSize, poolQueue, onWait } = options
  const children = new ChildPool({ ...options, size: poolSize })
  await children.start()
  const pool = new BoundedPool({
    size: poolSize,
    maxQueue: poolQueue,
    onWait,
    start: (task) => children.perform(task),
  })
  return {
    id: 'process-pool',
    run: async (handler, input, context) =>
      leavesLoop(handler)
        ? pool.run(taskOf(handler, input, context), context.signal)
        : runToEnd(handler.run(input, context)),
    pool: () => pool.figures(),
    close: async () => {
      pool.close()
      await children.end()
    },
  }
}
