import { ASGI_APP, asgiTopology, startAsgiServer, UVLOOP } from '../asgi.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { BACKLOG, KEEP_ALIVE_S, longOptions, PYTHON } from '../python.ts'
import { unmetParts } from '../system-parts.ts'

// No `supervision`: its main process neither replaces a worker that dies nor notices it.
const model: ServerModel = {
  id: 'uvicorn',
  title: 'Uvicorn, an ASGI server (Python)',
  tradeoff:
    'An event loop in each worker: any number of requests wait at once, but one computation holds up all of its worker’s, and nobody replaces a worker that dies.',
  executor: 'asgi',
  routing: 'shared-accept',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['uvicorn'],
  needs: (environment) =>
    Promise.resolve(
      unmetParts(
        [
          PYTHON,
          { file: '/usr/lib/python3/dist-packages/uvicorn/__main__.py', debianPackage: 'uvicorn' },
          { file: '/usr/lib/python3/dist-packages/httptools/__init__.py', debianPackage: 'python3-httptools' },
          UVLOOP,
        ],
        environment,
      ),
    ),
  topology: asgiTopology,
  start: (context) =>
    startAsgiServer(context, 'uvicorn', [
      'uvicorn',
      ASGI_APP,
      ...longOptions({
        host: context.host,
        port: context.port,
        workers: context.size.workers,
        // Debian’s packages do not bring what they recommend; a named interpreter has what it has.
        ...(context.python.version === null ? { loop: 'uvloop', http: 'httptools' } : {}),
        ws: 'none',
        lifespan: 'on',
        backlog: BACKLOG,
        'timeout-keep-alive': KEEP_ALIVE_S,
        'no-access-log': true,
        'log-level': 'warning',
      }),
    ]),
}

export default model
