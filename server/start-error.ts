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
  process.exit(exitCodeOf(writeStartError(thrown)))
}

/**
 * The same, with the place of a syntax error behind that line: of an ES module only Node knows it, and prints it when nobody
 * catches the error.
 */
export function exitWithPlacedStartError(thrown: unknown): void {
  const error = writeStartError(thrown)
  const { cause } = error
  if (!(cause instanceof SyntaxError)) process.exit(exitCodeOf(error))
  process.once('exit', () => void (process.exitCode = exitCodeOf(error)))
  setImmediate(() => {
    throw cause
  })
}

function exitCodeOf({ code, exitCode }: ForkwiseError): number {
  return code === 'USAGE' || code === 'APP_INVALID' ? EXIT_CONFIG : exitCode
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
    const place = found.stack.startsWith('SyntaxError') ? placeIn(log.slice(at)) : ''
    return new ForkwiseError(found.code, [
      { ...first, message: `${first.message}\n${place}${ownFrames(found.stack)}` },
      ...others,
    ])
  } catch {
    return null
  }
}

/** The place of a syntax error as Node prints it: file and line, the line, and where in it; empty where it has printed none. */
function placeIn(log: string): string {
  const [, file = '', code = ''] = /^(?:file:\/\/)?(\/.*:\d+)\n(.*\n *\^+)\n/m.exec(log) ?? []
  return file === '' ? '' : `  ${decodeURI(file)}\n${code.replaceAll(/^/gm, '  ')}\n`
}

/** A stack without the frames that are not the user's: Node's own and those of this package. */
function ownFrames(stack: string): string {
  const lines = stack.split('\n').filter((line) => !/^\s+at .*(node:|\/dist\/(server|cluster)\/)/.test(line))
  return lines.map((line) => `  ${line}`).join('\n')
}
