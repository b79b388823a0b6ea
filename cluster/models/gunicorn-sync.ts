import { GUNICORN_PARTS, GUNICORN_SUPERVISION, startGunicorn } from '../gunicorn.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'

const model: ServerModel = {
  id: 'gunicorn-sync',
  title: 'Gunicorn with sync workers (Python)',
  tradeoff:
    'The simplest there is, and a crash or a leak costs one request; but each worker waits and computes for one request at a time, and closes the connection after each.',
  executor: 'wsgi',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn'],
  routing: 'shared-accept',
  runs: 'built-in-app',
  reload: 'clean',
  supervision: GUNICORN_SUPERVISION,
  needs: (environment) => Promise.resolve(unmetParts(GUNICORN_PARTS, environment)),
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  concurrency: ({ workers }) => workers,
  start: (context) => Promise.resolve(startGunicorn(context, 'sync')),
}

export default model
