import type { Problem } from '../core/errors.ts'

/** Exit code of a measured process that could not use the app it was given (EX_CONFIG of sysexits.h). */
export const APP_INVALID_EXIT = 78

/** Reads from the logs why the app under test could not be used; null when that was not the reason. */
export function appProblem(logs: string, exitCodes: readonly (number | null)[]): Problem | null {
  const reported = logs
    .split('\n')
    .map(parseProblem)
    .findLast((problem) => problem !== null)
  if (reported) return reported
  if (!exitCodes.includes(APP_INVALID_EXIT)) return null
  return { message: `The app under test cannot be used:\n${logs.split('\n').slice(-20).join('\n')}` }
}

/** Reads from the logs that a port was taken; null when that was not the reason. */
export function portProblem(logs: string): Problem | null {
  const line = logs.split('\n').findLast((text) => /EADDRINUSE|address already in use/i.test(text))
  if (line === undefined) return null
  return {
    message: `Expected the port to be free; the server found it taken: ${line.trim()}`,
    hint: 'Choose another port, or leave `--port` out to have a free one chosen.',
  }
}

function parseProblem(line: string): Problem | null {
  if (!line.startsWith('{')) return null
  try {
    const { code, message, hint } = JSON.parse(line) as { code?: unknown; message?: unknown; hint?: unknown }
    if (code !== 'APP_INVALID' || typeof message !== 'string') return null
    return typeof hint === 'string' ? { message, hint } : { message }
  } catch {
    return null
  }
}
