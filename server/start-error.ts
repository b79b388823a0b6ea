import { ForkwiseError, messageOf, type ErrorCode, type Problem } from '../core/errors.ts'

/** Exit code of a measured process whose settings or app cannot be used, as `EX_CONFIG` of sysexits.h. */
export const EXIT_CONFIG = 78

/** What a measured process that could not start writes as its last line on stderr. */
export interface StartErrorLine {
  readonly code: ErrorCode
  /** The first problem, with its hint. */
  readonly message: string
  readonly hint?: string
  /** All problems. */
  readonly problems: readonly Problem[]
  /** Stack of the user's own error, when there is one. */
  readonly stack?: string
}

/**
 * Ends a measured process that cannot start: one line of JSON on stderr for the launcher (the user's own stack in front
 * of it for people), then exit code 78 for a wrong setting or app, else that of the error.
 */
export function exitWithStartError(thrown: unknown): never {
  const error =
    thrown instanceof ForkwiseError
      ? thrown
      : new ForkwiseError(
          'START_FAILED',
          { message: `The server did not start: ${messageOf(thrown)}` },
          { cause: thrown },
        )
  const stack = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : undefined
  const [first] = error.problems
  const line: StartErrorLine = {
    code: error.code,
    message: first?.message ?? error.message,
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
    problems: error.problems,
    ...(stack === undefined ? {} : { stack }),
  }
  process.stderr.write(`${stack === undefined ? '' : `${stack}\n`}${JSON.stringify(line)}\n`)
  process.exit(error.code === 'USAGE' || error.code === 'APP_INVALID' ? EXIT_CONFIG : error.exitCode)
}
