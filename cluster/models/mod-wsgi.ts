import { APACHE_PARTS, startApache } from '../apache.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'
import { THREADS_PER_WORKER } from '../python.ts'

const model: ServerModel = {
  id: 'mod-wsgi',
  title: 'Apache and mod_wsgi with 4 threads per worker (Python)',
  tradeoff:
    'Apache keeps the connections, with a thread for each request under way, and hands requests to the workers over a unix socket; Python computes on one core per worker.',
  executor: 'wsgi',
  runtime: PYTHON_RUNTIME,
  routing: 'shared-accept',
  runs: 'built-in-app',
  supervision: { by: 'Apache’s parent', restartsDead: true, replacesStuck: false, recycles: false },
  needs: () => Promise.resolve(unmetParts(APACHE_PARTS)),
  topology: ({ workers }) => ({ supervisor: 1, proxy: 1, worker: workers }),
  concurrency: ({ workers }) => workers * THREADS_PER_WORKER,
  start: (context) => Promise.resolve(startApache(context)),
}

export default model
