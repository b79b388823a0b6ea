import { monotonicS } from './clock.ts'
import { Overloaded } from './overloaded.ts'
import { BadRequest, DependencyFailed, type Handler, type HandlerContext } from './handler.ts'
import { hereContext } from './here-context.ts'
import { runToEnd } from './slices.ts'

/** One piece of work as it travels to another thread or process: plain data. */
export interface TaskRequest {
  readonly handler: string
  readonly input: unknown
  readonly upstreamUrl: string
  readonly filesDir: string
}

/** What comes back. `startedS` is on the machine's monotonic clock. */
export type TaskOutcome =
  | { readonly output: unknown; readonly startedS: number }
  | { readonly error: CarriedError; readonly startedS: number }

/** An error as plain data, since the classes of errors do not survive the way between threads. */
export interface CarriedError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly problems?: readonly string[]
  readonly retryAfterS?: number
}

/** The task of one handler call. */
export function taskOf(handler: Handler, input: unknown, { upstreamUrl, filesDir }: HandlerContext): TaskRequest {
  return { handler: handler.id, input, upstreamUrl, filesDir }
}

/** Runs a task where it arrived; never rejects. Work that the handler hands over is done here too. */
export async function performTask(
  handlers: ReadonlyMap<string, Handler>,
  { handler: id, input, upstreamUrl, filesDir }: TaskRequest,
): Promise<TaskOutcome> {
  const startedS = monotonicS()
  try {
    const handler = handlers.get(id)
    if (handler === undefined) throw new Error(`There is no handler "${id}" in this thread.`)
    return { output: await runToEnd(handler.run(input, hereContext({ upstreamUrl, filesDir }))), startedS }
  } catch (thrown) {
    return { error: carry(thrown), startedS }
  }
}

/** The answer of a task; throws the error it carried, of the class it had where that class is ours. */
export function outputOf(outcome: TaskOutcome): unknown {
  if ('error' in outcome) throw restore(outcome.error)
  return outcome.output
}

function carry(thrown: unknown): CarriedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) }
  const { name, message, stack } = thrown
  return {
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(thrown instanceof BadRequest ? { problems: thrown.problems } : {}),
    ...(thrown instanceof Overloaded ? { retryAfterS: thrown.retryAfterS } : {}),
  }
}

function restore({ name, message, stack, problems, retryAfterS }: CarriedError): Error {
  const error =
    problems !== undefined
      ? new BadRequest(problems)
      : retryAfterS !== undefined
        ? new Overloaded(message, retryAfterS)
        : name === 'DependencyFailed'
          ? new DependencyFailed(message)
          : Object.assign(new Error(message), { name })
  if (stack !== undefined) error.stack = stack
  return error
}
