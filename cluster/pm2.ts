import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { PACKAGE_ROOT } from '../core/paths.ts'
import { appEnvironment } from './app-process.ts'
import { signalProcess } from './census.ts'
import type { ModelProcess, StartContext } from './model.ts'
import { readProcess } from './proc.ts'

/** What PM2's processes carry so that nothing is reported anywhere and no notice is printed. */
const SILENT = {
  PM2_DISABLE_VERSION_CHECK: 'true',
  PM2_DISCRETE_MODE: 'true',
  PM2_NO_INTERACTION: 'true',
  PM2_PROGRAMMATIC: 'true',
  PM2_SILENT: 'true',
} as const

/**
 * Starts a PM2 daemon of our own and has it run the entry of ecosystem.config.js for one mode. PM2 (AGPL) is never
 * loaded into our processes: its command line runs as a program, once; the daemon's home is inside the launch's folder,
 * so a daemon of the user's is never touched. SIGTERM has the daemon end its workers one after the other, each with the
 * grace to finish its requests, and then itself. Throws START_FAILED when the command fails.
 *
 * Measured 2026-11, 2 shared cores, Node 20: start 0.7 s with three workers in fork mode and 1.0 s in cluster mode (where
 * PM2 starts one after the other), stop 0.1 s per idle worker (PM2 looks ten times a second whether one has ended).
 */
export async function startWithPm2(
  context: StartContext,
  mode: 'fork' | 'cluster',
): Promise<Omit<ModelProcess, 'targets'>> {
  const home = join(context.launch.dir, 'pm2')
  mkdirSync(home, { mode: 0o700 })
  const command = context.launch.spawn(
    { name: 'pm2-command', role: 'supervisor' },
    context.nodePath,
    [createRequire(import.meta.url).resolve('pm2/bin/pm2'), 'start', join(PACKAGE_ROOT, 'ecosystem.config.js')],
    {
      env: {
        ...appEnvironment(context),
        ...SILENT,
        PM2_HOME: home,
        PM2_LOG_FILE_PATH: join(context.launch.dir, 'logs', 'pm2.log'),
        FORKWISE_PM2_MODE: mode,
        FORKWISE_PM2_WORKERS: String(context.size.workers),
        // In cluster mode the workers run on the daemon's Node, and the daemon on the command's.
        ...(mode === 'fork' ? { FORKWISE_PM2_NODE: context.nodePath } : {}),
      },
      transient: true,
    },
  )
  const [code] = (await once(command, 'exit')) as [number | null]
  const pid = readPid(join(home, 'pm2.pid'))
  if (pid !== null) context.launch.adopt({ name: 'pm2', role: 'supervisor' }, pid)
  if (code !== 0 || pid === null) {
    throw new ForkwiseError('START_FAILED', {
      message: `Expected \`pm2 start\` to succeed; it ended with ${code}.\n${context.launch.logTail()}`,
    })
  }
  return {
    foreignUnits: () =>
      Promise.resolve(readProcess(pid)?.zombie === false ? [{ name: 'pm2', role: 'supervisor', pid }] : []),
    requestStop: () => Promise.resolve(void signalProcess(pid, 'SIGTERM')),
  }
}

function readPid(file: string): number | null {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || null
  } catch {
    return null
  }
}
