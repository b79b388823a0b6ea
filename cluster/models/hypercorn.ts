import { ASGI_APP, asgiTopology, startAsgiServer, UVLOOP } from '../asgi.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { BACKLOG, bindAddress, KEEP_ALIVE_S, longOptions, PYTHON } from '../python.ts'
import { unmetParts } from '../system-parts.ts'

// No `supervision`: its main process neither replaces a worker that dies nor notices it.
const model: ServerModel = {
  id: 'hypercorn',
  title: 'Hypercorn, an ASGI server (Python)',
  tradeoff:
    'As Uvicorn, with HTTP/2 and its HTTP parser in Python; the app must read every request to its end, or the connection is closed.',
  executor: 'asgi',
  routing: 'shared-accept',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['hypercorn'],
  needs: (environment) =>
    Promise.resolve(
      unmetParts(
        [
          PYTHON,
          { file: '/usr/lib/python3/dist-packages/hypercorn/__main__.py', debianPackage: 'python3-hypercorn' },
          UVLOOP,
        ],
        environment,
      ),
    ),
  topology: asgiTopology,
  start: (context) =>
    startAsgiServer(context, 'hypercorn', [
      'hypercorn',
      ASGI_APP,
      ...longOptions({
        bind: bindAddress(context.host, context.port),
        workers: context.size.workers,
        'worker-class': context.python.version === null ? 'uvloop' : 'asyncio',
        backlog: BACKLOG,
        'keep-alive': KEEP_ALIVE_S,
        'graceful-timeout': Math.max(1, Math.ceil(context.graceS)),
        'log-level': 'warning',
      }),
    ]),
}

export default model
