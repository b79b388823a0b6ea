import { parentPort, workerData } from 'node:worker_threads'
import { loadPoolHandler } from './pool-handlers.ts'
import { performTask, type TaskRequest } from './task.ts'

/** What a thread that lives for one task is given. */
export interface RequestThreadData {
  readonly task: TaskRequest
  readonly appModule: string | null
}

const { task, appModule } = workerData as RequestThreadData
parentPort?.postMessage(await performTask(await loadPoolHandler(task.handler, appModule), task))
