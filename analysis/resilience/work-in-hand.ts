import type { InjectionFacts } from '../../core/resilience-record.ts'

/** What became of the work that a worker had in hand when it was killed. */
export type WorkInHand =
  | 'lost'
  | 'run again'
  | 'begun again'
  | 'cut off'
  | 'failed'
  | 'never answered'
  | 'answered'
  | 'unknown'

/** What became of it, as far as it can be told; null for runs that did not ask. */
export function workInHand(facts: InjectionFacts): WorkInHand | null {
  const { longRequest, heldTask, tasks, computing } = facts
  if (longRequest === undefined) return null
  if (tasks !== undefined) {
    if (heldTask === undefined) return 'unknown'
    if (heldTask.begun > 1) return heldTask.done ? 'run again' : 'begun again'
    return heldTask.done ? 'answered' : 'lost'
  }
  if (longRequest.error !== null) return 'cut off'
  if (longRequest.status === null) return 'never answered'
  if (longRequest.status >= 400) return 'failed'
  return computing === true ? 'answered' : 'unknown'
}

/** The same in words, with what the client got: `lost, its client got 500`, `cut off (ECONNRESET)`. */
export function workInHandText(facts: InjectionFacts): string {
  const { longRequest, tasks } = facts
  const outcome = workInHand(facts)
  if (outcome === null || longRequest === undefined) return ''
  const { error, status, jobStatus } = longRequest
  switch (outcome) {
    case 'cut off':
      return `cut off (${error})`
    case 'failed':
      return `failed with ${status}`
    case 'unknown':
      return 'cannot be told'
    case 'answered':
      return tasks === undefined ? 'answered by a worker that lived on' : 'done'
    case 'run again':
    case 'begun again':
    case 'lost':
      return `${outcome === 'run again' ? 'run again and done' : outcome === 'begun again' ? 'begun again, not done' : 'lost'}${clientText(outcome === 'run again', status, jobStatus)}`
    case 'never answered':
      return outcome
  }
}

/** What the client of the task got, where that fits the task: the long request may have been in another worker. */
function clientText(done: boolean, status: number | null, jobStatus: number | undefined): string {
  const final = jobStatus ?? status
  if (final === null || (final === 200) !== done) return ''
  return jobStatus === undefined ? `, its client got ${final}` : `, its job answers ${final}`
}

/** What explains it, in sentences; what became of tasks stands in their counts. */
export function explainWorkInHand(facts: readonly InjectionFacts[]): string[] {
  const outcomes = new Set(facts.map(workInHand))
  const sentences: string[] = []
  if (outcomes.has('cut off') || outcomes.has('failed')) {
    sentences.push(
      'The request that it computed is lost: its client learns that at once, and nobody but the client can ask again.',
    )
  }
  if (outcomes.has('never answered')) {
    sentences.push('The request that was in hand is lost, and its client is not told: it waits until it gives up.')
  }
  if (outcomes.has('unknown')) {
    sentences.push(
      'What becomes of work in hand cannot be told from this: no worker was seen in the middle of it when one was killed.',
    )
  }
  return sentences
}
