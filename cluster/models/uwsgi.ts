import type { ServerModel } from '../model.ts'
import { THREADS_PER_WORKER } from '../python.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'
import { startUwsgi, UWSGI_PARTS, UWSGI_SUPERVISION } from '../uwsgi.ts'

const model: ServerModel = {
  id: 'uwsgi',
  title: 'The server uWSGI with 4 threads per worker (Python)',
  tradeoff:
    'A router keeps any number of connections and hands single requests to the threads, one hop more for each; Python computes on one core per worker.',
  executor: 'wsgi',
  runtime: PYTHON_RUNTIME,
  routing: 'shared-accept',
  runs: 'built-in-app',
  supervision: UWSGI_SUPERVISION,
  needs: () => Promise.resolve(unmetParts(UWSGI_PARTS)),
  topology: ({ workers }) => ({ supervisor: 1, proxy: 1, worker: workers }),
  concurrency: ({ workers }) => workers * THREADS_PER_WORKER,
  start: (context) => Promise.resolve(startUwsgi(context)),
}

export default model
