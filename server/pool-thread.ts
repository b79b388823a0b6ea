import { threadId, workerData } from 'node:worker_threads'
import { loadPoolHandlers } from './pool-handlers.ts'
import { performTask, type TaskOutcome, type TaskRequest } from './task.ts'
import { ThreadBoard } from './thread-board.ts'

/** What the owner of the pool gives each of its threads. */
export interface PoolThreadData {
  readonly board: SharedArrayBuffer
  readonly appModule: string | null
}

/** Runs one task in this thread of the pool. A promise, which Piscina awaits: the thread is ready when it settles. */
const perform: Promise<PerformTask> = loadThread(workerData as PoolThreadData)
export default perform

/** What a thread of a pool does. */
export type PerformTask = (task: TaskRequest) => Promise<TaskOutcome>

async function loadThread({ board: buffer, appModule }: PoolThreadData): Promise<PerformTask> {
  const handlers = await loadPoolHandlers(appModule)
  const board = new ThreadBoard(buffer)
  const place = board.claim(threadId)
  return async (task) => {
    board.begin(place)
    const outcome = await performTask(handlers, task)
    board.end(place)
    return outcome
  }
}
