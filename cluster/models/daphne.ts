import { startDaphne } from '../daphne.ts'
import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { PYTHON } from '../python.ts'
import { unmetParts } from '../system-parts.ts'

const model: ServerModel = {
  id: 'daphne',
  title: 'Processes of Daphne, an ASGI server, on one socket (Python)',
  tradeoff:
    'The server of Django Channels, one process each, so that something else must start and watch them; requests in flight are cut when it is asked to end.',
  executor: 'asgi',
  routing: 'shared-accept',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['daphne'],
  needs: (environment) =>
    Promise.resolve(
      unmetParts(
        [PYTHON, { file: '/usr/lib/python3/dist-packages/daphne/__main__.py', debianPackage: 'daphne' }],
        environment,
      ),
    ),
  topology: ({ workers }) => ({ worker: workers }),
  start: startDaphne,
}

export default model
