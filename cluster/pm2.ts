import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { compiled, PACKAGE_ROOT } from '../core/paths.ts'
import type { Unit } from '../core/unit.ts'
import { appEnvironment } from './app-process.ts'
import { signalProcess } from './census.ts'
import { commandEnvironment, commandUnit } from './command-app.ts'
import type { ModelProcess, StartContext, Supervision } from './model.ts'
import { readProcess } from './proc.ts'

/** What PM2's processes carry so that nothing is reported anywhere and no notice is printed. */
const SILENT = {
  PM2_DISABLE_VERSION_CHECK: 'true',
  PM2_DISCRETE_MODE: 'true',
  PM2_NO_INTERACTION: 'true',
  PM2_PROGRAMMATIC: 'true',
  PM2_SILENT: 'true',
} as const

/** PM2 restarts workers by their memory at most (looked at every 30 s), never by requests or by signs of life. */
export const PM2_SUPERVISION: Supervision = {
  by: 'PM2',
  restartsDead: true,
  replacesStuck: false,
  recycles: false,
}

/** How often it is looked whether the daemon has begun, in milliseconds. */
const ADOPT_MS = 50

const DAEMON = { name: 'pm2', role: 'supervisor' } as const

/**
 * Starts a PM2 daemon of our own and has it run the entry of ecosystem.config.js for one mode. PM2 (AGPL) is never
 * loaded into our processes: its command line runs as a program, once; the daemon's home is inside the launch's folder,
 * so a daemon of the user's is never touched. SIGTERM has the daemon end its workers one after the other, each with the
 * grace to finish its requests, and then itself. When the owner is killed, a guard ends them all. Throws START_FAILED when the command fails.
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
  const { command } = context.app
  const env = {
    ...(command === undefined ? appEnvironment(context) : commandEnvironment(context, context.port)),
    ...SILENT,
    PM2_HOME: home,
    PM2_LOG_FILE_PATH: join(context.launch.dir, 'logs', 'pm2.log'),
    FORKWISE_PM2_MODE: mode,
    FORKWISE_PM2_SCRIPT: compiled('server/main.js'),
    FORKWISE_PM2_WORKERS: String(context.size.workers),
    // In cluster mode the workers run on the daemon's Node, and the daemon on the command's.
    ...(mode === 'fork' ? { FORKWISE_PM2_NODE: context.nodePath } : {}),
    ...(command === undefined ? {} : { FORKWISE_PM2_COMMAND: command }),
  }
  const { code, pid } = await startDaemon(context, env, home)
  if (code !== 0 && pid !== null && readProcess(pid)?.zombie !== false) {
    throw new Error(`\`${DAEMON.name}\` (pid ${pid}) ended before it was ready`)
  }
  if (code !== 0 || pid === null) throw failed('pm2 start', code, context)
  return {
    foreignUnits: () =>
      Promise.resolve([
        ...(readProcess(pid)?.zombie === false ? [{ ...DAEMON, pid }] : []),
        ...(command === undefined ? [] : commandUnits(context, home)),
      ]),
    requestStop: () => Promise.resolve(void signalProcess(pid, 'SIGTERM')),
    async requestReload() {
      const code = await runPm2(context, env, ['reload', 'all'])
      if (code !== 0) throw failed('pm2 reload', code, context)
    },
  }
}

/** Starts the daemon, and adopts it as soon as it is there: its end is noticed while the command still waits for it. */
async function startDaemon(
  context: StartContext,
  env: Readonly<Record<string, string>>,
  home: string,
): Promise<{ code: number | null; pid: number | null }> {
  let pid: number | null = null
  const adopt = (): void => {
    if (pid !== null) return
    pid = readPid(join(home, 'pm2.pid'))
    if (pid !== null) context.launch.adopt(DAEMON, pid)
  }
  const looking = setInterval(adopt, ADOPT_MS)
  try {
    const code = await runPm2(context, env, ['start', join(PACKAGE_ROOT, 'ecosystem.config.js')])
    adopt()
    return { code, pid }
  } finally {
    clearInterval(looking)
  }
}

/** The processes of a user's command, by the files that PM2 keeps their pids in. */
function commandUnits(context: StartContext, home: string): Unit[] {
  return Array.from({ length: context.size.workers }, (_, place) => {
    const pid = readPid(join(home, 'pids', `forkwise-fork-${place}.pid`))
    const lives = pid !== null && readProcess(pid)?.zombie === false
    return commandUnit(context, place, context.port + place, lives ? pid : null)
  }).flat()
}

/** Runs PM2's command line to its end; gives its exit code, null when a signal ended it. */
async function runPm2(
  context: StartContext,
  env: Readonly<Record<string, string>>,
  words: readonly string[],
): Promise<number | null> {
  const program = createRequire(import.meta.url).resolve('pm2/bin/pm2')
  const unit = { name: 'pm2-command', role: 'supervisor' } as const
  const command = context.launch.spawn(unit, context.nodePath, [program, ...words], { env, transient: true })
  const [code] = (await once(command, 'exit')) as [number | null]
  return code
}

function failed(command: string, code: number | null, context: StartContext): ForkwiseError {
  return new ForkwiseError('START_FAILED', {
    message: `Expected \`${command}\` to succeed; it ended with ${code}.\n${context.launch.logTail()}`,
  })
}

function readPid(file: string): number | null {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || null
  } catch {
    return null
  }
}
