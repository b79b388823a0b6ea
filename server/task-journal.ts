import { appendFileSync } from 'node:fs'

/** Names the file of a launcher that wants to know what became of each task; nothing is written without it. */
export const TASK_JOURNAL_VARIABLE = 'FORKWISE_TASK_JOURNAL'

/** What is noted of a task: it was put into the queue, a worker began with it, a worker has its output. */
export type TaskEvent = 'accepted' | 'started' | 'done'

const file = process.env[TASK_JOURNAL_VARIABLE]

/** Notes what happened to a task, and where: a line short enough to be appended whole by any number of processes. */
export function noteTask(event: TaskEvent, id: string): void {
  if (file !== undefined && file !== '') appendFileSync(file, `${event} ${id} ${process.pid}\n`, { mode: 0o600 })
}
