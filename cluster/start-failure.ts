import { ForkwiseError } from '../core/errors.ts'
import { EXIT_CONFIG, readStartError } from '../server/start-error.ts'

/**
 * Reads from the end of the logs why the server could not start, when a process of ours has reported something that another
 * try would meet again: APP_INVALID, USAGE or PORT_TAKEN. Null when none has.
 */
export function reportedFailure(logs: string): ForkwiseError | null {
  const reported = readStartError(logs)
  return reported && LASTING.has(reported.code) ? reported : null
}

/**
 * The same, and the words in which other servers (NGINX, Gunicorn …) say that the port is taken. Only for logs without a
 * word of the user's own app, which may speak of such things too.
 */
export function lastingFailure(logs: string): ForkwiseError | null {
  const reported = reportedFailure(logs)
  if (reported) return reported
  const line = logs.split('\n').findLast((text) => /EADDRINUSE|address already in use|connection in use/i.test(text))
  if (line === undefined) return null
  return new ForkwiseError('PORT_TAKEN', {
    message: `Expected the port to be free; the server found it taken: ${line.trim()}`,
    hint: 'Choose another port, or 0 for any that is free.',
  })
}

/** The error of a process that says by its exit code alone that it cannot use its app; null for other exit codes. */
export function failureByExitCode(exitCodes: readonly (number | null)[], logs: string): ForkwiseError | null {
  if (!exitCodes.includes(EXIT_CONFIG)) return null
  return new ForkwiseError('APP_INVALID', { message: `The app under test cannot be used:\n${lastLines(logs)}` })
}

/** The last 20 lines of a text. */
export function lastLines(text: string): string {
  return text.split('\n').slice(-20).join('\n')
}

const LASTING: ReadonlySet<string> = new Set(['APP_INVALID', 'USAGE', 'PORT_TAKEN'])
