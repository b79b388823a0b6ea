import { startGunicornBehindNginx } from '../behind-nginx.ts'
import { GUNICORN_PARTS, GUNICORN_SUPERVISION } from '../gunicorn.ts'
import type { ServerModel } from '../model.ts'
import { needProgram } from '../programs.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'

const model: ServerModel = {
  id: 'nginx-gunicorn',
  title: 'NGINX with static files, before Gunicorn with sync workers (Python)',
  tradeoff:
    'NGINX keeps the connections and serves files without waking a worker, so that simple workers do for many clients; each of these still has one request in hand.',
  executor: 'wsgi',
  routing: 'shared-accept',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn'],
  reload: 'clean',
  supervision: GUNICORN_SUPERVISION,
  needs: (environment) =>
    Promise.resolve([...needProgram('nginx', 'nginx-light'), ...unmetParts(GUNICORN_PARTS, environment)]),
  topology: ({ workers }) => ({ supervisor: 1, proxy: 1, worker: workers }),
  concurrency: ({ workers }) => workers,
  start: startGunicornBehindNginx,
}

export default model
