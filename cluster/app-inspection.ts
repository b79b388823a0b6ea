import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { ForkwiseError } from '../core/errors.ts'
import { compiled } from '../core/paths.ts'
import type { OwnAppStart } from '../core/records.ts'
import { LAUNCH_ENV } from '../core/unit.ts'
import type { AppFindings as InspectedApp } from '../server/app-inspection.ts'
import { ownAppEnvironment } from './app-process.ts'
import { endProcesses } from './census.ts'
import type { AppUnderTest } from './model.ts'
import { cleanEnvironment } from './owned-launch.ts'
import { findFreePorts } from './ports.ts'
import { failureByExitCode, lastLines, reportedFailure } from './start-failure.ts'
import { findLoader } from './typescript.ts'

/** What a user's own app offers, and how it is to be started. */
export interface AppFindings {
  /** Ids of the CPU handlers that it defines, in the order of their definition. */
  readonly handlers: readonly string[]
  readonly start?: OwnAppStart
  /** True when it has other servers beside the one that is measured. */
  readonly hasOtherServers?: boolean
  /** What a reader of figures should know about its start, in whole sentences. */
  readonly notes?: readonly string[]
}

/** How long an app may take until it listens, in milliseconds: what every launch gives its workers, too. */
const START_TIMEOUT_MS = 20_000

/** Most of what an app prints that is kept for an error message, in characters. */
const LOG_LIMIT = 20_000

/** Address at which an app is looked at. */
const HOST = '127.0.0.1'

/**
 * Starts the user's app once in a process of its own, as every measured process will, and finds out which server of it is
 * measured and what it offers, with `env` beside its other variables; `whileItRuns` gets its address. Throws APP_INVALID, with the app's own stack, when it cannot be started, has no server, or
 * has several.
 */
export async function inspectApp(
  app: AppUnderTest & { readonly module: string },
  nodePath: string,
  {
    env = {},
    whileItRuns = async () => undefined,
  }: {
    readonly env?: Readonly<Record<string, string>>
    readonly whileItRuns?: (url: string) => Promise<void>
  } = {},
): Promise<AppFindings> {
  const typed = findLoader(app.module)
  const asked: AppUnderTest = typed === null ? app : { ...app, loader: typed.url }
  const found = await lookAt(asked, app.module, nodePath, { env, whileItRuns })
  return {
    handlers: found.handlers,
    start: { servedBy: found.servedBy, ...(typed === null ? {} : { loader: typed.url }) },
    hasOtherServers: found.otherPorts.length > 0,
    notes: [
      ...(typed === null ? [] : [`The app is TypeScript and is run by tsx ${typed.version}, which its project has.`]),
      ...found.otherPorts.map((port) => `Another server of the app listens on ${port}; it is not measured.`),
    ],
  }
}

async function lookAt(
  app: AppUnderTest,
  module: string,
  nodePath: string,
  {
    env,
    whileItRuns,
  }: { readonly env: Readonly<Record<string, string>>; readonly whileItRuns: (url: string) => Promise<void> },
): Promise<InspectedApp> {
  const port = await findFreePorts(HOST, 1)
  const id = `inspection-${randomBytes(6).toString('hex')}`
  const child = spawn(nodePath, [compiled('server/app-inspection.js'), String(process.pid)], {
    cwd: app.cwd,
    env: {
      ...cleanEnvironment(process.env),
      ...env,
      ...ownAppEnvironment(app),
      [LAUNCH_ENV.launchId]: id,
      [LAUNCH_ENV.host]: HOST,
      [LAUNCH_ENV.port]: String(port),
    },
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C is for us alone; the process ends when the channel to us does.
    detached: true,
  })
  let log = ''
  let found: InspectedApp | null = null
  const keep = (chunk: Buffer): void => void (log = (log + chunk.toString()).slice(-LOG_LIMIT))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.on('message', (message) => {
    if (!isFindings(message)) return
    found = message
    const asked = whileItRuns(`http://${HOST}:${port}`)
    void Promise.allSettled([asked]).then(() => child.connected && child.send({ type: 'forkwise:inspected' }))
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, START_TIMEOUT_MS)
  try {
    const closed = once(child, 'close') as Promise<[number | null]>
    await Promise.race([once(child, 'exit'), closed])
    // What the app has started goes with it; else its output would stay open.
    await endProcesses({ isOurs: (launch) => launch === id, dir: null, recorded: [] })
    const [code] = await closed
    if (found !== null) return found
    throw reportedFailure(log) ?? failureByExitCode([code], log) ?? unusable(module, app, late ? null : code, log)
  } finally {
    clearTimeout(timer)
  }
}

/** The app may send messages of its own to whoever started it, as PM2 has its apps do. */
function isFindings(message: unknown): message is InspectedApp {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'forkwise:findings'
}

function unusable(module: string, { servedBy }: AppUnderTest, code: number | null, log: string): ForkwiseError {
  const where = servedBy === undefined ? '' : ` on ${servedBy === 'PORT' ? 'PORT' : `port ${servedBy}`}`
  const how =
    code === null
      ? `it did not within ${START_TIMEOUT_MS / 1000} s`
      : `its process ended with exit code ${code} before it did`
  return new ForkwiseError('APP_INVALID', {
    message: `Expected the app ${module} to listen${where} or to export an app; ${how}.${log.trim() === '' ? '' : `\n${lastLines(log.trim())}`}`,
    hint: 'It is started as `node FILE` is, in the current folder, with PORT set. Whatever it waits for (a database, another service) must be there. Variables can be those of a variant: `--variant name=…,env.NAME=…`. With arguments, or options of Node, it is a command, which the model single starts: `--start "node FILE …"`.',
  })
}
