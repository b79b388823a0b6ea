import { GUNICORN_PARTS, GUNICORN_SUPERVISION, startGunicorn } from '../gunicorn.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'
import { THREADS_PER_WORKER } from '../python.ts'

const model: ServerModel = {
  id: 'gunicorn-gthread',
  title: 'Gunicorn with 4 threads per worker (Python)',
  tradeoff:
    'Threads wait side by side and connections stay open, but four at a time per worker, and Python computes on one core per worker however many threads there are.',
  executor: 'wsgi',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn'],
  routing: 'shared-accept',
  runs: 'built-in-app',
  reload: 'rough',
  supervision: GUNICORN_SUPERVISION,
  needs: (environment) => Promise.resolve(unmetParts(GUNICORN_PARTS, environment)),
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  concurrency: ({ workers }) => workers * THREADS_PER_WORKER,
  start: (context) => Promise.resolve(startGunicorn(context, 'gthread')),
}

export default model
