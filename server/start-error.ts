import { writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { ERROR_CODES, ForkwiseError, messageOf, type ErrorCode, type Problem } from '../core/errors.ts'

/** Exit code of a measured process whose settings or app cannot be used, as `EX_CONFIG` of sysexits.h. */
export const EXIT_CONFIG = 78

const MARK = 'forkwise-start-error '

interface StartError {
  readonly code: ErrorCode
  readonly problems: readonly Problem[]
  /** Stack of the user's own error, when there is one. */
  readonly stack: string | null
}

/**
 * Ends a measured process that cannot start: one line of JSON on stderr for the launcher (the user's own stack in front
 * of it for people), then exit code 78 for a wrong setting or app, else that of the error.
 */
export function exitWithStartError(thrown: unknown): never {
  const error = writeStartError(thrown)
  process.exit(error.code === 'USAGE' || error.code === 'APP_INVALID' ? EXIT_CONFIG : error.exitCode)
}

/** Writes why a process cannot start, for its launcher, and goes on; gives the error as it was written. */
export function writeStartError(thrown: unknown): ForkwiseError {
  const error =
    thrown instanceof ForkwiseError
      ? thrown
      : new ForkwiseError(
          'START_FAILED',
          { message: `The server did not start: ${messageOf(thrown)}` },
          { cause: thrown },
        )
  const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : null
  const line: StartError = { code: error.code, problems: error.problems, stack: cause }
  const text = `${cause === null ? '' : `${cause}\n`}${MARK}${JSON.stringify(line)}\n`
  // A thread's own stderr passes through its process, and ends with the thread.
  if (isMainThread) process.stderr.write(text)
  else writeSync(2, text)
  return error
}

/** Finds the last start error in a log, with the user's own stack below its first message; null when the log has none. */
export function readStartError(log: string): ForkwiseError | null {
  const at = log.lastIndexOf(MARK)
  if (at < 0) return null
  try {
    const found = JSON.parse(log.slice(at + MARK.length).split('\n', 1)[0] ?? '') as StartError
    if (!(found.code in ERROR_CODES)) return null
    const [first, ...others] = found.problems
    if (found.stack === null || first === undefined) return new ForkwiseError(found.code, found.problems)
    return new ForkwiseError(found.code, [
      { ...first, message: `${first.message}\n${ownFrames(found.stack)}` },
      ...others,
    ])
  } catch {
    return null
  }
}

/** A stack without the frames that are not the user's: Node's own and those of this package. */
function ownFrames(stack: string): string {
  const lines = stack.split('\n').filter((line) => !/^\s+at .*(node:|\/dist\/(server|cluster)\/)/.test(line))
  return lines.map((line) => `  ${line}`).join('\n')
}
