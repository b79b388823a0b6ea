import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, spawnedUnit, terminate } from '../app-process.ts'
import type { ModelProcess, ServerModel, StartContext } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'
import {
  BACKLOG,
  bindAddress,
  KEEP_ALIVE_S,
  longOptions,
  THREADS_PER_WORKER,
  WSGI_UNIT,
  preparePython,
} from '../python.ts'

const UWSGI = '/usr/bin/uwsgi'

const model: ServerModel = {
  id: 'uwsgi',
  title: 'The server uWSGI with 4 threads per worker (Python)',
  tradeoff:
    'A router keeps any number of connections and hands single requests to the threads, one hop more for each; Python computes on one core per worker.',
  executor: 'wsgi',
  runtime: PYTHON_RUNTIME,
  routing: 'shared-accept',
  runs: 'built-in-app',
  supervision: { by: 'uWSGI’s master', restartsDead: true, replacesStuck: false, recycles: false },
  needs: () =>
    Promise.resolve(
      unmetParts([
        { file: UWSGI, debianPackage: 'uwsgi-core' },
        { file: '/usr/lib/uwsgi/plugins/python3_plugin.so', debianPackage: 'uwsgi-plugin-python3' },
      ]),
    ),
  topology: ({ workers }) => ({ supervisor: 1, proxy: 1, worker: workers }),
  places: ({ workers }) => workers * THREADS_PER_WORKER,
  start: (context) => Promise.resolve(startUwsgi(context)),
}

/**
 * Starts the workers under a master, listening on a unix socket, and the router under a master of its own. Serving HTTP
 * from the workers themselves will not do: a thread then belongs to one connection for as long as that is open, so that
 * with 2 x 4 threads and 32 connections 24 are never served (uWSGI 2.0.21, `--http11-socket`, tried 2026-11).
 * And a router under the same master ends at once on SIGTERM, with the requests in flight.
 */
function startUwsgi(context: StartContext): ModelProcess {
  const { launch, size, host, port } = context
  const socket = join(launch.dir, 'tmp', 'uwsgi.sock')
  const stats = join(launch.dir, 'tmp', 'stats.sock')
  const env = preparePython(context)
  const master = launch.spawn(
    { name: 'master', role: 'supervisor' },
    UWSGI,
    longOptions({
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
      ...(context.metrics ? { stats } : {}),
    }),
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
          context.metrics ? { ...unit, statusUrl: `uwsgi+unix:${stats}` } : unit,
        ),
        ...spawnedUnit('router', 'proxy', router),
      ]),
    async requestStop() {
      const ended = master.exitCode === null && master.signalCode === null ? once(master, 'exit') : null
      await terminate(master)
      await ended
      await terminate(router)
    },
  }
}

/** uWSGI refuses to start when it asks for more than the kernel grants. */
function grantedBacklog(): number {
  try {
    return Math.min(BACKLOG, Number.parseInt(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'), 10))
  } catch {
    return 100
  }
}

export default model
