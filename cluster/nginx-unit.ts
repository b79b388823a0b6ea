import { existsSync, mkdirSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError } from '../core/errors.ts'
import { compiled } from '../core/paths.ts'
import { addressOf, appEnvironment, spawnedUnit, terminate } from './app-process.ts'
import type { ModelProcess, StartContext, UnmetNeed } from './model.ts'
import { findProgram } from './programs.ts'
import { bindAddress, KEEP_ALIVE_S, longOptions } from './python.ts'

/** Where npm installs `unit-http` for everybody, which is how NGINX Unit's own instructions have it installed. */
const GLOBAL_MODULES = ['/usr/lib/node_modules', '/usr/local/lib/node_modules'] as const

const REMEDY =
  'Install unitd from the packages of NGINX Unit itself or from its source (Debian has none, and its authors have ended their support in 2025), and then `npm install --global unit-http@VERSION`, of the version that `unitd --version` prints: another does not load. npm’s newest is 1.32.1; that of a newer unitd is in its source.'

/** How often the control socket is asked while it starts or drains, in milliseconds. */
const POLL_MS = 20

/** Longest wait for an answer of the control socket, in milliseconds: it waits for the processes of the app. */
const CONTROL_TIMEOUT_MS = 20_000

/** What NGINX Unit needs: its daemon, and the module that connects a Node app with it. */
export function unitNeeds(): UnmetNeed[] {
  const missing = [
    ...(findProgram('unitd') === null ? ['unitd (NGINX Unit)'] : []),
    ...(findModule() === null ? ['the global npm package unit-http'] : []),
  ]
  return missing.length === 0 ? [] : [{ what: `${missing.join(' and ')} not installed.`, remedy: REMEDY }]
}

/**
 * Starts unitd in a folder of its own and gives it its configuration: its router accepts and hands requests to the
 * processes over shared memory. Throws START_FAILED with Unit's words when it does not take the configuration.
 */
export async function startNginxUnit(context: StartContext): Promise<ModelProcess> {
  const { launch, signal } = context
  const folder = join(launch.dir, 'unit')
  for (const dir of ['state', 'tmp']) mkdirSync(join(folder, dir), { recursive: true, mode: 0o700 })
  const control = join(folder, 'ctl.sock')
  const daemon = launch.spawn(
    { name: 'unitd', role: 'supervisor' },
    findProgram('unitd') ?? 'unitd',
    longOptions({
      'no-daemon': true,
      control: `unix:${control}`,
      pid: join(folder, 'unit.pid'),
      log: join(launch.dir, 'logs', 'unitd.log'),
      statedir: join(folder, 'state'),
      tmpdir: join(folder, 'tmp'),
      // Started by root, it would give up the right to enter the private folder.
      ...(process.getuid?.() === 0 ? { user: 'root', group: 'root' } : {}),
    }),
  )
  while (!existsSync(control)) {
    signal.throwIfAborted()
    await sleep(POLL_MS)
  }
  const spec: UnitSpec = {
    ...context,
    module: findModule() ?? '',
    env: { ...launch.env, ...appEnvironment(context) },
    cwd: launch.cwd,
  }
  await configure(control, '/config', unitConfiguration(spec), () => launch.logTail())
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () => Promise.resolve(spawnedUnit('unitd', 'supervisor', daemon)),
    // SIGTERM cuts the requests in flight, and SIGQUIT does the same.
    async requestStop(graceS) {
      await askControl(control, 'PUT', '/config/listeners', {})
      await untilIdle(control, performance.now() + graceS * 1000)
      await terminate(daemon)
    },
    requestReload: async () => void (await askControl(control, 'GET', '/control/applications/app/restart')),
  }
}

/** What {@link unitConfiguration} is made of. */
export interface UnitSpec extends Pick<StartContext, 'host' | 'port' | 'size' | 'nodePath'> {
  /** Folder of the npm package `unit-http`. */
  readonly module: string
  /** Environment of every process: Unit gives them nothing of its own. */
  readonly env: Readonly<Record<string, string>>
  /** Folder that they run in. */
  readonly cwd: string
}

/** The configuration of an NGINX Unit that runs one Node app in a fixed number of processes, none of them on demand. */
export function unitConfiguration({ host, port, size, nodePath, module, env, cwd }: UnitSpec): object {
  return {
    listeners: { [bindAddress(host, port)]: { pass: 'applications/app' } },
    settings: { http: { idle_timeout: KEEP_ALIVE_S, server_version: false } },
    applications: {
      app: {
        type: 'external',
        executable: nodePath,
        arguments: [compiled('server/unit-process.js'), module],
        working_directory: cwd,
        processes: size.workers,
        environment: env,
      },
    },
  }
}

/** What the control socket answered: a status, and the JSON of its body. */
interface ControlAnswer {
  readonly status: number
  readonly body: unknown
}

/** Sends a configuration; throws START_FAILED with Unit's own words, and the end of its log, when it is not applied. */
export async function configure(
  control: string,
  path: string,
  configuration: object,
  logTail: () => string,
): Promise<void> {
  const { status, body } = await askControl(control, 'PUT', path, configuration)
  if (status === 200) return
  const { error = `status ${status}`, detail } = body as { readonly error?: string; readonly detail?: string }
  const tail = logTail()
  throw new ForkwiseError('START_FAILED', {
    message: `NGINX Unit did not take its configuration: ${error}${detail === undefined ? '' : ` ${detail}`}${tail === '' ? '' : `\nThe end of its log:\n${tail}`}`,
    hint: '“Failed to apply new conf” means that a process of the app ended at once: its words are above. Is unit-http of the version of unitd?',
  })
}

/** Waits until the app has no request in hand, or until the deadline (of `performance.now()`) has passed. */
export async function untilIdle(control: string, deadlineMs: number): Promise<void> {
  while (performance.now() < deadlineMs) {
    const { body } = await askControl(control, 'GET', '/status')
    const { applications } = body as UnitStatus
    const active = Object.values(applications ?? {}).reduce((sum, app) => sum + (app.requests?.active ?? 0), 0)
    if (active === 0) return
    await sleep(POLL_MS)
  }
}

/** The part of Unit's `/status` that is used. */
interface UnitStatus {
  readonly applications?: Readonly<Record<string, { readonly requests?: { readonly active?: number } }>>
}

function askControl(control: string, method: string, path: string, body?: object): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const request = http.request(
      { socketPath: control, method, path, agent: false, timeout: CONTROL_TIMEOUT_MS },
      (response) => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (answer += chunk))
        response.once('error', reject)
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(answer) }))
      },
    )
    request.once('timeout', () => request.destroy(new Error('NGINX Unit’s control socket does not answer')))
    request.once('error', reject)
    request.end(text)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return { error: text.trim() }
  }
}

function findModule(): string | null {
  return (
    GLOBAL_MODULES.map((folder) => join(folder, 'unit-http')).find((folder) => existsSync(join(folder, 'http.js'))) ??
    null
  )
}
