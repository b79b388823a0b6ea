import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ForkwiseError } from '../core/errors.ts'
import { compiled } from '../core/paths.ts'
import { LAUNCH_ENV } from '../core/unit.ts'
import type { AppFindings } from '../server/app-inspection.ts'
import { cleanEnvironment } from './owned-launch.ts'
import { failureByExitCode, lastingFailure, lastLines } from './start-failure.ts'

export type { AppFindings } from '../server/app-inspection.ts'

/** How long an app may take to load, in milliseconds. */
const LOAD_TIMEOUT_MS = 20_000

/** Most of what an app prints that is kept for an error message, in characters. */
const LOG_LIMIT = 20_000

/**
 * Loads the user's app once in a process of its own, as every measured process will, and finds out what it offers.
 * Throws APP_INVALID, with the app's own stack, when it cannot be loaded or exports nothing usable.
 */
export async function inspectApp(module: string, nodePath: string): Promise<AppFindings> {
  const child = spawn(nodePath, [compiled('server/app-inspection.js')], {
    env: { ...cleanEnvironment(process.env), [LAUNCH_ENV.app]: module },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C is for us alone; the process ends when the channel to us does.
    detached: true,
  })
  let log = ''
  let findings: AppFindings | null = null
  const keep = (chunk: Buffer): void => void (log = (log + chunk.toString()).slice(-LOG_LIMIT))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.on('message', (message) => (findings = message as AppFindings))
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, LOAD_TIMEOUT_MS)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (findings !== null) return findings
    throw lastingFailure(log) ?? failureByExitCode([code], log) ?? unusable(module, late ? null : code, log)
  } finally {
    clearTimeout(timer)
  }
}

function unusable(module: string, code: number | null, log: string): ForkwiseError {
  const how = code === null ? `did not finish within ${LOAD_TIMEOUT_MS / 1000} s` : `ended with exit code ${code}`
  return new ForkwiseError('APP_INVALID', {
    message: `Expected the app module ${module} to load, but its process ${how}.${log.trim() === '' ? '' : `\n${lastLines(log.trim())}`}`,
    hint: 'The module must only define the app, or call `listen`; what it waits for must come, and it must not end the process.',
  })
}
