import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compiled } from '../core/paths.ts'
import { WATT_OWNER_ENV } from '../core/unit.ts'
import { addressOf, appEnvironment, terminate } from './app-process.ts'
import type { ModelProcess, StartContext } from './model.ts'
import { toolFile } from './tools.ts'

/** Watt's program, which also runs what `node_modules/.bin` calls `watt`. */
export const WATTPM = 'wattpm/bin/cli.js'

/** What lets Watt run a plain Node app. */
export const WATT_NODE = '@platformatic/node/index.js'

/** Seconds that Watt gives a thread beyond the grace that the thread gives its requests. */
const MARGIN_S = 2

/**
 * Starts Watt in a folder of its own: one process whose threads each bind the port with SO_REUSEPORT. What
 * Watt has and nobody asked for stays off: its control socket, its metrics and probes (by default on port 9090 of every
 * address), and its health checks: they would replace a thread that computes for long. Its home is the folder, and its
 * cache of compiled code is kept there; the app in its threads gets the home that it has elsewhere.
 */
export function startWatt(context: StartContext): ModelProcess {
  const { launch, size, host, port, graceS } = context
  const folder = join(launch.dir, 'watt')
  const app = join(folder, 'app')
  mkdirSync(app, { recursive: true, mode: 0o700 })
  writeFileSync(
    join(folder, 'watt.json'),
    JSON.stringify(wattConfiguration({ host, port, workers: size.workers, graceS })),
  )
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', type: 'module', main: 'index.js' }))
  writeFileSync(
    join(app, 'index.js'),
    `export { close } from ${JSON.stringify(pathToFileURL(compiled('server/watt-thread.js')).href)}\n`,
  )
  writeFileSync(join(app, 'watt.json'), JSON.stringify({ module: '@platformatic/node' }))
  const process = launch.spawn(
    { name: 'watt', role: 'worker' },
    context.nodePath,
    [toolFile(WATTPM), 'start', folder],
    {
      env: {
        ...appEnvironment(context),
        HOME: folder,
        TMPDIR: folder,
        [WATT_OWNER_ENV]: JSON.stringify({ HOME: launch.env['HOME'] ?? null, TMPDIR: launch.env['TMPDIR'] ?? null }),
      },
      stdin: 'open',
    },
  )
  return { targets: () => [addressOf(context)], requestStop: () => terminate(process) }
}

/** What {@link wattConfiguration} is made of. */
export interface WattSpec {
  readonly host: string
  readonly port: number
  readonly workers: number
  /** Seconds that requests in flight get when it is asked to end. */
  readonly graceS: number
}

/** The configuration of a Watt that only runs one app, in threads. */
export function wattConfiguration({ host, port, workers, graceS }: WattSpec): object {
  const graceMs = (graceS + MARGIN_S) * 1000
  return {
    module: '@platformatic/runtime',
    entrypoint: 'app',
    applications: [{ id: 'app', path: './app' }],
    server: { hostname: host, port },
    workers,
    reuseTcpPorts: true,
    gracefulShutdown: { runtime: graceMs, application: graceMs },
    health: { enabled: false },
    managementApi: false,
    metrics: false,
    healthProbes: false,
    watch: false,
    logger: { level: 'warn' },
  }
}
