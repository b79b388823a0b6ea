import { dirname } from 'node:path'
import { addressOf, spawnedUnit, terminate } from './app-process.ts'
import type { ModelProcess, StartContext, Supervision } from './model.ts'
import type { SystemPart } from './system-parts.ts'
import {
  BACKLOG,
  bindAddress,
  CONNECTIONS_PER_WORKER,
  KEEP_ALIVE_S,
  longOptions,
  PYTHON,
  THREADS_PER_WORKER,
  WSGI_UNIT,
  prepareWsgi,
} from './wsgi.ts'

/** How a Gunicorn worker serves its requests. */
export type GunicornWorker = 'sync' | 'gthread' | 'gevent'

const GUNICORN = '/usr/bin/gunicorn'

/** Gunicorn's arbiter forks dead workers again, and kills those that are silent for its timeout of 30 s. */
export const GUNICORN_SUPERVISION: Supervision = {
  by: 'Gunicorn’s arbiter',
  restartsDead: true,
  replacesStuck: true,
  recycles: false,
}

/** What Gunicorn needs. */
export const GUNICORN_PARTS: readonly SystemPart[] = [PYTHON, { file: GUNICORN, debianPackage: 'gunicorn' }]

/**
 * Starts Gunicorn: an arbiter that forks the workers, restarts those that die, and on SIGTERM lets them finish their
 * requests.
 */
export function startGunicorn(context: StartContext, worker: GunicornWorker): ModelProcess {
  const { launch, size, host, port, graceS } = context
  const arbiter = launch.spawn(
    { name: 'arbiter', role: 'supervisor' },
    PYTHON.file,
    [
      '-IB',
      GUNICORN,
      'unit:application',
      ...longOptions({
        config: 'gunicorn.conf.py',
        bind: bindAddress(host, port),
        backlog: BACKLOG,
        workers: size.workers,
        'worker-class': worker,
        ...(worker === 'gthread' ? { threads: THREADS_PER_WORKER } : {}),
        'worker-connections': CONNECTIONS_PER_WORKER,
        'keep-alive': KEEP_ALIVE_S,
        // A gevent worker takes up to a second more, for connections that are open without a request.
        'graceful-timeout': Math.max(1, Math.ceil(graceS) - 1),
        'worker-tmp-dir': `${launch.dir}/tmp`,
        'log-level': 'warning',
      }),
    ],
    { env: prepareWsgi(context), cwd: dirname(WSGI_UNIT) },
  )
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () => Promise.resolve(spawnedUnit('arbiter', 'supervisor', arbiter)),
    requestStop: () => terminate(arbiter),
  }
}
