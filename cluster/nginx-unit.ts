import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiled } from '../core/paths.ts'
import { addressOf, appEnvironment, spawnedUnit } from './app-process.ts'
import { signalProcess } from './census.ts'
import type { ModelProcess, StartContext, UnmetNeed } from './model.ts'
import { findProgram } from './programs.ts'
import { bindAddress, KEEP_ALIVE_S, longOptions } from './python.ts'

/** Where npm installs `unit-http` for everybody, which is how NGINX Unit's own instructions have it installed. */
const GLOBAL_MODULES = ['/usr/lib/node_modules', '/usr/local/lib/node_modules'] as const

const REMEDY =
  'Install unitd from the packages of NGINX Unit itself (Debian 12 has none), and then `npm install --global unit-http`, which is compiled against it.'

/** What NGINX Unit needs: its daemon, and the module that connects a Node app with it. */
export function unitNeeds(): UnmetNeed[] {
  const missing = [
    ...(findProgram('unitd') === null ? ['unitd (NGINX Unit)'] : []),
    ...(findLoader() === null ? ['the global npm package unit-http'] : []),
  ]
  return missing.length === 0 ? [] : [{ what: `${missing.join(' and ')} not installed.`, remedy: REMEDY }]
}

/**
 * Starts unitd in a folder of its own, with the configuration as the state it left there: its router accepts and hands
 * requests to the processes over shared memory.
 */
export function startNginxUnit(context: StartContext): ModelProcess {
  const { launch } = context
  const folder = join(launch.dir, 'unit')
  const state = join(folder, 'state')
  for (const dir of [state, join(folder, 'tmp')]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  const spec: UnitSpec = { ...context, loader: findLoader() ?? '', env: { ...launch.env, ...appEnvironment(context) } }
  writeFileSync(join(state, 'conf.json'), JSON.stringify(unitConfiguration(spec)), { mode: 0o600 })
  const daemon = launch.spawn(
    { name: 'unitd', role: 'supervisor' },
    findProgram('unitd') ?? 'unitd',
    longOptions({
      'no-daemon': true,
      control: `unix:${join(folder, 'control.sock')}`,
      pid: join(folder, 'unit.pid'),
      log: join(launch.dir, 'logs', 'unitd.log'),
      statedir: state,
      tmpdir: join(folder, 'tmp'),
      // Started by root, it would give up the right to enter the private folder.
      ...(process.getuid?.() === 0 ? { user: 'root', group: 'root' } : {}),
    }),
  )
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () => Promise.resolve(spawnedUnit('unitd', 'supervisor', daemon)),
    // SIGQUIT lets requests in flight finish; SIGTERM cuts them.
    requestStop: () => Promise.resolve(void (daemon.pid !== undefined && signalProcess(daemon.pid, 'SIGQUIT'))),
  }
}

/** What {@link unitConfiguration} is made of. */
export interface UnitSpec extends Pick<StartContext, 'host' | 'port' | 'size' | 'nodePath'> {
  /** Folder of the npm package `unit-http`. */
  readonly loader: string
  /** Environment of every process: Unit gives them nothing of its own. */
  readonly env: Readonly<Record<string, string>>
}

/** The configuration of an NGINX Unit that runs one Node app in so many processes, none of them on demand. */
export function unitConfiguration({ host, port, size, nodePath, loader, env }: UnitSpec): object {
  return {
    listeners: { [bindAddress(host, port)]: { pass: 'applications/app' } },
    settings: { http: { idle_timeout: KEEP_ALIVE_S, server_version: false } },
    applications: {
      app: {
        type: 'external',
        executable: nodePath,
        // The loader puts Unit's server in the place of Node's, for code of either kind of module.
        arguments: [
          '--loader',
          join(loader, 'loader.mjs'),
          '--require',
          join(loader, 'loader.js'),
          compiled('server/unit-process.js'),
        ],
        working_directory: process.cwd(),
        processes: size.workers,
        environment: env,
      },
    },
  }
}

function findLoader(): string | null {
  return (
    GLOBAL_MODULES.map((folder) => join(folder, 'unit-http')).find((folder) =>
      existsSync(join(folder, 'loader.mjs')),
    ) ?? null
  )
}
