import { addressOf, spawnedUnit, terminate } from './app-process.ts'
import { signalProcess } from './census.ts'
import type { ModelProcess, StartContext, Supervision } from './model.ts'
import {
  BACKLOG,
  bindAddress,
  CONNECTIONS_PER_WORKER,
  KEEP_ALIVE_S,
  longOptions,
  preparePython,
  PYTHON,
  PYTHON_FOLDER,
  THREADS_PER_WORKER,
} from './python.ts'
import type { SystemPart } from './system-parts.ts'

/** How a Gunicorn worker serves its requests. */
export type GunicornWorker = 'sync' | 'gthread' | 'gevent' | 'uvicorn.workers.UvicornWorker'

/** Gunicorn's arbiter forks dead workers again, and kills those that are silent for its timeout of 30 s. */
export const GUNICORN_SUPERVISION: Supervision = {
  by: 'Gunicorn’s arbiter',
  restartsDead: true,
  replacesStuck: true,
  recycles: false,
}

/** What Gunicorn needs. */
export const GUNICORN_PARTS: readonly SystemPart[] = [
  PYTHON,
  { file: '/usr/lib/python3/dist-packages/gunicorn/__main__.py', debianPackage: 'gunicorn' },
]

/** What gevent workers need beside Gunicorn. */
export const GEVENT: SystemPart = {
  file: '/usr/lib/python3/dist-packages/gevent/__init__.py',
  debianPackage: 'python3-gevent',
}

/**
 * Starts Gunicorn: an arbiter that forks the workers, restarts those that die, and on SIGTERM lets them finish their
 * requests.
 */
export function startGunicorn(context: StartContext, worker: GunicornWorker): ModelProcess {
  const { host, port, launch, python } = context
  const arbiter = launch.spawn(
    { name: 'arbiter', role: 'supervisor' },
    python.path,
    gunicornWords(context, { worker, bind: bindAddress(host, port), workers: context.size.workers }),
    { env: preparePython(context), cwd: PYTHON_FOLDER },
  )
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () => Promise.resolve(spawnedUnit('arbiter', 'supervisor', arbiter)),
    requestStop: () => terminate(arbiter),
    requestReload: () => Promise.resolve(void (arbiter.pid !== undefined && signalProcess(arbiter.pid, 'SIGHUP'))),
  }
}

/** What {@link gunicornWords} is made of. */
export interface GunicornSpec {
  readonly worker: GunicornWorker
  /** `host:port`, or `unix:` and a path. */
  readonly bind: string
  readonly workers: number
  /** Threads of a gthread worker; {@link THREADS_PER_WORKER} unless given. */
  readonly threads?: number
  /** The app as `module:name`; the WSGI or ASGI app under test unless given. */
  readonly app?: string
}

/** The words after Python's that start Gunicorn in the folder of the handlers. */
export function gunicornWords(
  { launch, graceS }: Pick<StartContext, 'launch' | 'graceS'>,
  { worker, bind, workers, threads = THREADS_PER_WORKER, app }: GunicornSpec,
): string[] {
  const isAsgi = worker === 'uvicorn.workers.UvicornWorker'
  return [
    '-sBm',
    'gunicorn',
    app ?? (isAsgi ? 'asgi_unit:application' : 'wsgi_unit:application'),
    ...longOptions({
      ...(isAsgi ? {} : { config: 'gunicorn_hooks.py' }),
      bind,
      backlog: BACKLOG,
      workers,
      'worker-class': worker,
      ...(worker === 'gthread' ? { threads } : {}),
      'worker-connections': CONNECTIONS_PER_WORKER,
      'keep-alive': KEEP_ALIVE_S,
      // A gevent worker takes up to a second more, for connections that are open without a request.
      'graceful-timeout': Math.max(1, Math.ceil(graceS) - 1),
      'worker-tmp-dir': `${launch.dir}/tmp`,
      'log-level': 'warning',
    }),
  ]
}
