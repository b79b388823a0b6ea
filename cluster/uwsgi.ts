import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, spawnedUnit, terminate } from './app-process.ts'
import type { ModelProcess, StartContext, Supervision } from './model.ts'
import {
  BACKLOG,
  bindAddress,
  KEEP_ALIVE_S,
  longOptions,
  preparePython,
  THREADS_PER_WORKER,
  WSGI_UNIT,
} from './python.ts'
import type { SystemPart } from './system-parts.ts'
import { endedAfter } from './upstreams.ts'

/** uWSGI's program. */
export const UWSGI = '/usr/bin/uwsgi'

/** What uWSGI needs. */
export const UWSGI_PARTS: readonly SystemPart[] = [
  { file: UWSGI, debianPackage: 'uwsgi-core' },
  { file: '/usr/lib/uwsgi/plugins/python3_plugin.so', debianPackage: 'uwsgi-plugin-python3' },
]

/** uWSGI's master forks dead workers again. */
export const UWSGI_SUPERVISION: Supervision = {
  by: 'uWSGI’s master',
  restartsDead: true,
  replacesStuck: false,
  recycles: false,
}

/**
 * Starts the workers under a master, listening on a unix socket, and the router under a master of its own. Serving HTTP
 * from the workers themselves will not do: a thread then belongs to one connection for as long as that is open, so that
 * with 2 x 4 threads and 32 connections 24 are never served (uWSGI 2.0.21, `--http11-socket`, tried 2026-11).
 * And a router under the same master ends at once on SIGTERM, with the requests in flight.
 */
export function startUwsgi(context: StartContext): ModelProcess {
  const { launch, host, port } = context
  const socket = join(launch.dir, 'tmp', 'uwsgi.sock')
  const stats = context.metrics ? join(launch.dir, 'tmp', 'stats.sock') : null
  const env = preparePython(context)
  const master = launch.spawn(
    { name: 'master', role: 'supervisor' },
    UWSGI,
    uwsgiMasterWords(context, { socket, stats }),
    { env },
  )
  const router = launch.spawn(
    { name: 'router', role: 'proxy' },
    UWSGI,
    longOptions({
      plugin: 'http',
      http: bindAddress(host, port),
      'http-to': socket,
      [`http-keepalive=${KEEP_ALIVE_S}`]: true,
      listen: grantedBacklog(),
      master: true,
      'no-orphans': true,
      'die-on-term': true,
    }),
    { env },
  )
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () =>
      Promise.resolve([
        ...spawnedUnit('master', 'supervisor', master).map((unit) =>
          stats === null ? unit : { ...unit, statusUrl: `uwsgi+unix:${stats}` },
        ),
        ...spawnedUnit('router', 'proxy', router),
      ]),
    async requestStop() {
      await endedAfter(master, 'SIGTERM')
      await terminate(router)
    },
  }
}

/**
 * The words that start uWSGI's master with the workers on a unix socket, and its statistics on another. SIGTERM then
 * lets requests in flight finish, which by itself it does not.
 */
export function uwsgiMasterWords(
  { size }: Pick<StartContext, 'size'>,
  { socket, stats }: { readonly socket: string; readonly stats: string | null },
): string[] {
  return longOptions({
    plugin: 'python3',
    'wsgi-file': WSGI_UNIT,
    callable: 'application',
    'need-app': true,
    socket,
    listen: grantedBacklog(),
    master: true,
    'no-orphans': true,
    processes: size.workers,
    threads: THREADS_PER_WORKER,
    'hook-master-start': 'unix_signal:15 gracefully_kill_them_all',
    'disable-logging': true,
    ...(stats === null ? {} : { stats }),
  })
}

/** uWSGI refuses to start when it asks for more than the kernel grants. */
function grantedBacklog(): number {
  try {
    return Math.min(BACKLOG, Number.parseInt(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'), 10))
  } catch {
    return 100
  }
}
