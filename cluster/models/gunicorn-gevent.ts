import { GUNICORN_PARTS, GUNICORN_SUPERVISION, startGunicorn } from '../gunicorn.ts'
import type { ServerModel } from '../model.ts'
import { unmetParts } from '../system-parts.ts'
import { CONNECTIONS_PER_WORKER } from '../wsgi.ts'

const GEVENT = { file: '/usr/lib/python3/dist-packages/gevent/__init__.py', debianPackage: 'python3-gevent' } as const

const model: ServerModel = {
  id: 'gunicorn-gevent',
  title: 'Gunicorn with gevent workers (Python)',
  tradeoff:
    'An event loop under plain blocking code: a thousand requests wait at once in each worker, and as in Node one computation holds up all of them.',
  executor: 'wsgi',
  routing: 'shared-accept',
  runs: 'built-in-app',
  supervision: GUNICORN_SUPERVISION,
  needs: () => Promise.resolve(unmetParts([...GUNICORN_PARTS, GEVENT])),
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  places: ({ workers }) => workers * CONNECTIONS_PER_WORKER,
  start: (context) => Promise.resolve(startGunicorn(context, 'gevent')),
}

export default model
