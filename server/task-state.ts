import { Overloaded } from './overloaded.ts'
import { outputOf, type TaskOutcome } from './task.ts'

/** Name of the one queue, also as a label of its metrics. */
export const QUEUE_NAME = 'tasks'

/** What has become of a task that was put into a queue. */
export type TaskState =
  | { readonly state: 'waiting' | 'active' }
  | { readonly state: 'done'; readonly outcome: TaskOutcome }
  /** Its worker died with it, and so did the one that tried again. */
  | { readonly state: 'lost'; readonly reason: string }
  /** Nobody waits for it any more, since the queue is being closed. */
  | { readonly state: 'shed' }

/** How much waits in a queue. */
export interface Backlog {
  readonly waiting: number
  /** Age of the task that has waited longest; 0 when none waits. */
  readonly oldestAgeS: number
}

/** The answer of a task that has ended; throws what its handler threw, or why there is no answer. */
export function answerOf(state: TaskState): unknown {
  switch (state.state) {
    case 'done':
      return outputOf(state.outcome)
    case 'shed':
      throw new Overloaded('The task queue is closing.', 1)
    case 'lost':
      throw new Error(`The task was lost: ${state.reason}`)
    case 'waiting':
    case 'active':
      throw new Error('The task has not ended.')
  }
}
