import { Worker } from 'node:worker_threads'
import { compiled } from '../../core/paths.ts'
import { BoundedPool, type RunningTask } from '../bounded-pool.ts'
import { leavesLoop, type Executor } from '../executor.ts'
import type { ExecutorKind, ExecutorOptions } from '../executors.ts'
import type { RequestThreadData } from '../request-thread.ts'
import { runToEnd } from '../slices.ts'
import { taskOf, type TaskOutcome, type TaskRequest } from '../task.ts'

/** Threads at once for each place of a pool of the same size: what they do is computing, and each takes some 10 MB. */
const THREADS_EACH = 4

/** Tasks that may wait for each place: a thread takes 40 ms of CPU to start, so that the last of them waits for two seconds. */
const WAITING_EACH = 50

/** Starts a thread for each task and ends it with it: the oldest model there is, and the reason why pools exist. */
export const executor: ExecutorKind = {
  id: 'thread-per-request',
  summary: 'Each task in a thread of its own that is started for it: isolation, at 40 ms of CPU a request.',
  create: createThreads,
}

function createThreads({ poolSize, poolQueue, appModule, onWait }: ExecutorOptions): Promise<Executor> {
  const threads = new Set<Worker>()
  const pool = new BoundedPool({
    size: THREADS_EACH * poolSize,
    maxQueue: Math.min(poolQueue, WAITING_EACH * poolSize),
    onWait,
    start: (task) => startThread(task, appModule, threads),
  })
  return Promise.resolve({
    id: 'thread-per-request',
    run: async (handler, input, context) =>
      leavesLoop(handler)
        ? pool.run(taskOf(handler, input, context), context.signal)
        : runToEnd(handler.run(input, context)),
    pool: () => pool.figures(),
    close: async () => {
      pool.close()
      await Promise.all([...threads].map((thread) => thread.terminate()))
    },
  })
}

function startThread(task: TaskRequest, appModule: string | null, threads: Set<Worker>): RunningTask {
  const data: RequestThreadData = { task, appModule }
  const thread = new Worker(compiled('server/request-thread.js'), { workerData: data })
  threads.add(thread)
  const outcome = new Promise<TaskOutcome>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', (code) => {
      threads.delete(thread)
      reject(new Error(`The thread of the task ended with code ${code}.`))
    })
  })
  return { outcome, kill: () => void thread.terminate() }
}
