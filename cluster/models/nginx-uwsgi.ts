import { startUwsgiBehindNginx } from '../behind-nginx.ts'
import type { ServerModel } from '../model.ts'
import { needProgram } from '../programs.ts'
import { THREADS_PER_WORKER } from '../python.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'
import { UWSGI_PARTS, UWSGI_SUPERVISION } from '../uwsgi.ts'

const model: ServerModel = {
  id: 'nginx-uwsgi',
  title: 'NGINX with static files, before uWSGI with 4 threads per worker (Python)',
  tradeoff:
    'As with Gunicorn, in uWSGI’s own protocol, which costs less to read than HTTP; whichever thread is awake takes the request, so that the shares are uneven.',
  executor: 'wsgi',
  routing: 'shared-accept',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  supervision: UWSGI_SUPERVISION,
  needs: () => Promise.resolve([...needProgram('nginx', 'nginx-light'), ...unmetParts(UWSGI_PARTS)]),
  topology: ({ workers }) => ({ supervisor: 1, proxy: 1, worker: workers }),
  concurrency: ({ workers }) => workers * THREADS_PER_WORKER,
  start: startUwsgiBehindNginx,
}

export default model
