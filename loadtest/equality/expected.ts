import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { preparedWorkload } from '../setup-hook.ts'
import type { TrialContext } from '../trial-context.ts'
import type { Answer } from './answers.ts'
import { unexpectedStatuses } from './equality.ts'

/** The `Host` header that every launch gets: links that an app builds from it are the same on any port. */
export const HOST = 'localhost'

/**
 * Asks each request of a workload once before anything is measured. Throws TRIAL_FAILED, with the status and what to do,
 * when one is not answered as the workload expects.
 */
export async function requireExpectedAnswers(
  { outside }: Pick<ServerModel, 'outside'>,
  server: RunningServer,
  workload: Pick<Workload, 'requests' | 'setup'>,
  { instrument, settings, signal }: Pick<TrialContext, 'instrument' | 'settings' | 'signal'>,
): Promise<void> {
  let answers: readonly Answer[]
  const asked = await preparedWorkload(server, workload, signal)
  try {
    answers = await instrument.answers(server.targets.slice(0, 1), {
      workloads: [asked],
      timeoutS: settings.timeoutS,
      rounds: 1,
      host: outside === undefined ? HOST : null,
      signal,
    })
  } catch (thrown) {
    signal.throwIfAborted()
    throw unanswered(thrown, server.logTail())
  }
  requireExpected(answers, server.logTail())
}

/** Throws TRIAL_FAILED when answers have another status than their workload expects; `logTail` is what the server said. */
export function requireExpected(answers: readonly Answer[], logTail: string): void {
  const wrong = unexpectedStatuses(answers)
  if (wrong.length === 0) return
  const statuses = answers.filter(({ status, expectStatus }) => status !== expectStatus).map(({ status }) => status)
  throw new ForkwiseError('TRIAL_FAILED', {
    message: `Unexpected answers: ${wrong.join('; ')}.${saidText(logTail)}`,
    hint: `Every request must be answered with the status that its workload expects before anything is measured. ${[...new Set(statuses.map(remedyFor))].join(' ')}`,
  })
}

/** The error for a request that got no answer at all. */
export function unanswered(thrown: unknown, logTail: string): ForkwiseError {
  return new ForkwiseError(
    'TRIAL_FAILED',
    {
      message: `It did not answer: ${messageOf(thrown)}.${saidText(logTail)}`,
      hint: 'Every request of the workload must be answered before anything is measured.',
    },
    { cause: thrown },
  )
}

/** The end of a server's log as a paragraph of its own; empty when it has said nothing. */
export function saidText(logTail: string): string {
  return logTail === '' ? '' : `\nThe end of its logs:\n${logTail}`
}

/** What to do about an unexpected status. */
function remedyFor(status: number): string {
  if (status === 401 || status === 403) {
    return `${status}: the app wants to know who asks; give the requests a header: \`-H 'authorization: Bearer …'\`, or \`headers\` in the configuration.`
  }
  if (status === 404) return '404: check the path and its method: `--path "POST /orders"`.'
  if (status === 405) return '405: the path takes another method: `--method POST`.'
  if (status === 400 || status === 415 || status === 422) {
    return `${status}: check the body and its type: \`--body @order.json -H 'content-type: application/json'\`.`
  }
  if (status === 429) return '429: the app limits its rate; lift the limit for the time of the run.'
  if (status >= 300 && status < 400) {
    return `${status}: request the address that it leads to, or say that this is the right answer: \`--expect ${status}\`.`
  }
  if (status >= 500) return `${status}: the app failed; its logs say why.`
  return `Where ${status} is the right answer: \`--expect ${status}\`.`
}
