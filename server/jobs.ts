import type { ServerResponse } from 'node:http'
import { problemBody, send, sendError, sendProblem } from './problem.ts'
import { answerOf, type TaskState } from './task-state.ts'

/** Where the results of jobs are fetched. */
export const JOB_PATH = '/jobs/:id'

/** Answers 202 with a job and where to ask for its result. */
export function sendAccepted(response: ServerResponse, id: string, state: 'waiting' | 'active' = 'waiting'): void {
  response.setHeader('Location', `/jobs/${id}`)
  send(response, 202, 'application/json', JSON.stringify({ job: id, state }))
}

/**
 * Answers a question for a job: 202 while it has not ended, then what the handler would have answered at once. 404 for a
 * job that never was or whose result has been dropped.
 */
export function sendJob(
  response: ServerResponse,
  id: string,
  state: TaskState | null,
  sendOutput: (response: ServerResponse, output: unknown) => void,
): void {
  if (state === null) {
    sendProblem(response, problemBody(404, 'There is no job of this id, or its result has been dropped.'))
  } else if (state.state === 'waiting' || state.state === 'active') {
    sendAccepted(response, id, state.state)
  } else {
    try {
      sendOutput(response, answerOf(state))
    } catch (thrown) {
      sendError(response, thrown)
    }
  }
}
