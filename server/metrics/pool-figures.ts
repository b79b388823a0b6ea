import type { PoolFigures } from '../executor.ts'
import { QUEUE_NAME, type Backlog } from '../task-state.ts'
import type { SharedFigures } from './shared-figures.ts'

/** Makes the series of a pool and returns what copies its figures there. */
export function watchPool(figures: SharedFigures, pool: string, read: () => PoolFigures | undefined): () => void {
  const labels = { pool }
  const size = figures.allocate('poolSize', labels)
  const inUse = figures.allocate('poolInUse', labels)
  const queueLength = figures.allocate('poolQueueLength', labels)
  const wait = figures.allocate('poolWait', labels)
  const tasks = figures.allocate('poolTasks', labels)
  const shed = figures.allocate('shedRequests', { reason: 'queue-full' })
  const givenUp = figures.allocate('poolTimeouts', labels)
  const sample = (): void => {
    const now = read()
    if (now === undefined) return
    figures.set(size, now.size)
    figures.set(inUse, now.inUse)
    figures.set(queueLength, now.queueLength)
    figures.set(wait, now.waitSecondsTotal)
    figures.set(tasks, now.tasksTotal)
    figures.set(shed, now.shedTotal)
    figures.set(givenUp, now.givenUpTotal)
  }
  sample()
  return sample
}

/** Makes the series of a task queue and returns what copies its backlog there. */
export function watchBacklog(figures: SharedFigures, read: () => Backlog | undefined): () => void {
  const length = figures.allocate('taskQueueLength', { queue: QUEUE_NAME })
  const oldestAge = figures.allocate('taskQueueOldestAge', { queue: QUEUE_NAME })
  return () => {
    const now = read()
    if (now === undefined) return
    figures.set(length, now.waiting)
    figures.set(oldestAge, now.oldestAgeS)
  }
}
