import { GEVENT, GUNICORN_PARTS, GUNICORN_SUPERVISION, startGunicorn } from '../gunicorn.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'
import { CONNECTIONS_PER_WORKER } from '../python.ts'

const model: ServerModel = {
  id: 'gunicorn-gevent',
  title: 'Gunicorn with gevent workers (Python)',
  tradeoff:
    'An event loop under plain blocking code: a thousand requests wait at once in each worker, and as in Node one computation holds up all of them.',
  executor: 'wsgi',
  greenlets: true,
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn', 'gevent'],
  routing: 'shared-accept',
  runs: 'built-in-app',
  reload: 'rough',
  supervision: GUNICORN_SUPERVISION,
  needs: (environment) => Promise.resolve(unmetParts([...GUNICORN_PARTS, GEVENT], environment)),
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  concurrency: ({ workers }) => workers * CONNECTIONS_PER_WORKER,
  start: (context) => Promise.resolve(startGunicorn(context, 'gevent')),
}

export default model
