import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { rqTopology, RQ_PARTS, FRONT_THREADS, queueNeeds, startPythonQueue } from '../python-queue.ts'

const model: ServerModel = {
  id: 'rq',
  title: 'RQ, a task queue: 202 now, the result later (Python, Redis)',
  tradeoff:
    'The simplest queue of Python: a process is forked for each task, so that none can harm the next, and what is measured of short tasks is the forking; nobody watches the workers.',
  executor: 'task-queue',
  routing: 'central-queue',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn', 'rq', 'redis'],
  comparedAs: 'rq-reply',
  needs: (environment) => Promise.resolve(queueNeeds(RQ_PARTS, environment)),
  topology: rqTopology,
  concurrency: () => FRONT_THREADS,
  start: (context) => startPythonQueue(context, 'rq_queue', 'task-queue'),
}

export default model
