import { join } from 'node:path'
import { LAUNCH_ENV } from '../core/unit.ts'
import { addressOf, spawnedUnit, terminate } from './app-process.ts'
import { gunicornWords, GUNICORN_PARTS } from './gunicorn.ts'
import type { ModelProcess, NeedsEnvironment, StartContext, Topology, UnmetNeed } from './model.ts'
import { needProgram } from './programs.ts'
import { bindAddress, longOptions, preparePython, PYTHON_FOLDER } from './python.ts'
import { startRedis } from './redis.ts'
import { type SystemPart, unmetParts } from './system-parts.ts'
import { endedAfter } from './upstreams.ts'

/** A task queue in Python: its module in server/python, which the front imports too. */
export type PythonQueue = 'celery_queue' | 'rq_queue'

/** Threads of the front: each holds one request, also while that waits for its result. */
export const FRONT_THREADS = 32

/** The client of Redis that both queues use. */
const REDIS: SystemPart = {
  file: '/usr/lib/python3/dist-packages/redis/__init__.py',
  debianPackage: 'python3-redis',
}

/** What Celery needs beside Redis. */
export const CELERY_PARTS: readonly SystemPart[] = [
  ...GUNICORN_PARTS,
  { file: '/usr/lib/python3/dist-packages/celery/__main__.py', debianPackage: 'python3-celery' },
  REDIS,
]

/** What RQ needs beside Redis. */
export const RQ_PARTS: readonly SystemPart[] = [
  ...GUNICORN_PARTS,
  { file: '/usr/lib/python3/dist-packages/rq/__init__.py', debianPackage: 'python3-rq' },
  REDIS,
]

/** What a task queue in Python lacks on this machine. */
export function queueNeeds(parts: readonly SystemPart[], environment: NeedsEnvironment): readonly UnmetNeed[] {
  return [...needProgram('redis-server', 'redis-server'), ...unmetParts(parts, environment)]
}

/** Units of Celery: Redis, the front's arbiter and its worker, Celery's main process and its pool. */
export function celeryTopology({ workers }: { readonly workers: number }): Topology {
  return { broker: 1, supervisor: 2, worker: workers + 1 }
}

/** Units of RQ: Redis, the front's arbiter and its worker, and workers that nobody watches. */
export function rqTopology({ workers }: { readonly workers: number }): Topology {
  return { broker: 1, supervisor: 1, worker: workers + 1 }
}

/**
 * Starts a private Redis, Gunicorn with one threaded worker that answers the requests, and what works off the queue:
 * one Celery with a prefork pool, or one RQ worker for each place. `queueEnv` adds to the environment of the queue's module.
 */
export async function startPythonQueue(
  context: StartContext,
  queue: PythonQueue,
  executor: 'task-queue' | 'task-queue-reply',
  queueEnv: Readonly<Record<string, string>> = {},
): Promise<ModelProcess> {
  const { launch, size, python, host, port } = context
  const broker = await startRedis(launch)
  const settings = { executor, env: { ...queueEnv, [LAUNCH_ENV.broker]: broker.url, FORKWISE_QUEUE: queue } } as const
  const options = { env: preparePython(context, settings), cwd: PYTHON_FOLDER }
  const words = gunicornWords(context, {
    worker: 'gthread',
    threads: FRONT_THREADS,
    bind: bindAddress(host, port),
    workers: 1,
    app: 'queue_front:application',
  })
  const front = launch.spawn({ name: 'arbiter', role: 'supervisor' }, python.path, words, options)
  const backs =
    queue === 'celery_queue'
      ? [launch.spawn({ name: 'celery', role: 'supervisor' }, python.path, celeryWords(context), options)]
      : Array.from({ length: size.workers }, (_, index) =>
          launch.spawn(
            { name: `worker-${index + 1}`, role: 'worker' },
            python.path,
            ['-sB', join(PYTHON_FOLDER, 'rq_worker.py')],
            options,
          ),
        )
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () =>
      Promise.resolve([
        ...spawnedUnit('broker', 'broker', broker.process),
        ...spawnedUnit('arbiter', 'supervisor', front),
        ...(queue === 'celery_queue' ? backs.flatMap((back) => spawnedUnit('celery', 'supervisor', back)) : []),
      ]),
    // Requests in flight wait for results, so each part goes when nobody needs it any more.
    async requestStop() {
      await endedAfter(front, 'SIGTERM')
      await Promise.all(backs.map((back) => endedAfter(back, 'SIGTERM')))
      await terminate(broker.process)
    },
  }
}

/**
 * The words that start Celery's worker. Without mingle, gossip and heartbeat, with which several workers would learn of
 * each other, it is ready at once. By `-m`, since the program of that name takes whatever python3 is first on PATH.
 */
function celeryWords({ size, launch }: StartContext): string[] {
  return [
    '-sBm',
    'celery',
    '--app',
    'celery_queue',
    // No banner: the end of its log is shown when it fails.
    '--quiet',
    'worker',
    ...longOptions({
      pool: 'prefork',
      concurrency: size.workers,
      hostname: 'celery@forkwise',
      'without-mingle': true,
      'without-gossip': true,
      'without-heartbeat': true,
      loglevel: 'WARNING',
      statedb: join(launch.dir, 'tmp', 'celery'),
    }),
  ]
}
