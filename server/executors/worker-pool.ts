import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Piscina } from 'piscina'
import { compiled } from '../../core/paths.ts'
import { BoundedPool } from '../bounded-pool.ts'
import { leavesLoop, type Executor } from '../executor.ts'
import type { ExecutorKind, ExecutorOptions } from '../executors.ts'
import type { PoolThreadData } from '../pool-thread.ts'
import { runToEnd } from '../slices.ts'
import { taskOf, type TaskOutcome } from '../task.ts'
import { ThreadBoard } from '../thread-board.ts'

/** Computes in a pool of threads (Piscina); what waits stays on the event loop, where waiting costs nothing. */
export const executor: ExecutorKind = {
  id: 'worker-pool',
  summary: 'Computing in a fixed pool of threads behind one queue; waiting stays on the event loop.',
  create: createWorkerPool,
}

async function createWorkerPool({ poolSize, poolQueue, appModule, onWait }: ExecutorOptions): Promise<Executor> {
  const board = new ThreadBoard(poolSize)
  const threads = await startThreads(poolSize, { board: board.buffer, appModule })
  threads.on('workerDestroy', ({ id }: { id: number }) => board.release(id))
  const pool = new BoundedPool({
    size: poolSize,
    maxQueue: poolQueue,
    onWait,
    start: (task) => {
      const abort = new EventEmitter()
      return {
        outcome: threads.run(task, { signal: abort }) as Promise<TaskOutcome>,
        kill: () => abort.emit('abort'),
      }
    },
  })
  return {
    id: 'worker-pool',
    board,
    run: async (handler, input, context) =>
      leavesLoop(handler)
        ? pool.run(taskOf(handler, input, context), context.signal)
        : runToEnd(handler.run(input, context)),
    pool: () => pool.figures(),
    close: async () => {
      pool.close()
      await threads.destroy()
    },
  }
}

/** Resolves when every thread has loaded its handlers; throws what a thread threw while it did. */
async function startThreads(size: number, data: PoolThreadData): Promise<Piscina> {
  const threads = new Piscina({
    filename: compiled('server/pool-thread.js'),
    minThreads: size,
    maxThreads: size,
    maxQueue: 0,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
    workerHistogram: false,
    workerData: data,
  })
  const loading = new AbortController()
  const failed = new Promise<never>((_resolve, reject) => threads.on('error', reject))
  threads.on('error', (error) => {
    process.stderr.write(`A thread of the pool failed: ${error instanceof Error ? error.stack : String(error)}\n`)
  })
  try {
    await Promise.race([failed, untilClaimed(new ThreadBoard(data.board), size, loading.signal)])
    return threads
  } catch (error) {
    loading.abort()
    await threads.destroy()
    throw error
  }
}

async function untilClaimed(board: ThreadBoard, size: number, signal: AbortSignal): Promise<void> {
  while (board.threads().length < size && !signal.aborted) await sleep(2)
}
