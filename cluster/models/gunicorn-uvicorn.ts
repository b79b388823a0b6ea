import { GUNICORN_PARTS, GUNICORN_SUPERVISION, startGunicorn } from '../gunicorn.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { unmetParts } from '../system-parts.ts'
import { UVLOOP } from '../asgi.ts'

const model: ServerModel = {
  id: 'gunicorn-uvicorn',
  title: 'Gunicorn with Uvicorn workers (Python)',
  tradeoff:
    'Uvicorn’s event loops under an arbiter that replaces those that die or hang: one process more, and the usual way to run ASGI where nothing else watches.',
  executor: 'asgi',
  routing: 'shared-accept',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn', 'uvicorn.workers'],
  reload: 'rough',
  supervision: GUNICORN_SUPERVISION,
  needs: (environment) =>
    Promise.resolve(
      unmetParts(
        [
          ...GUNICORN_PARTS,
          { file: '/usr/lib/python3/dist-packages/uvicorn/workers.py', debianPackage: 'uvicorn' },
          { file: '/usr/lib/python3/dist-packages/httptools/__init__.py', debianPackage: 'python3-httptools' },
          UVLOOP,
        ],
        environment,
      ),
    ),
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  start: (context) => Promise.resolve(startGunicorn(context, 'uvicorn.workers.UvicornWorker')),
}

export default model
