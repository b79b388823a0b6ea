import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { rqTopology, RQ_PARTS, FRONT_THREADS, queueNeeds, startPythonQueue } from '../python-queue.ts'

const model: ServerModel = {
  id: 'rq-reply',
  title: 'RQ, a task queue whose requests wait for the result (Python, Redis)',
  tradeoff: 'As `rq`, and a request holds one of the front’s threads until its result is back.',
  executor: 'task-queue-reply',
  routing: 'central-queue',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn', 'rq', 'redis'],
  needs: (environment) => Promise.resolve(queueNeeds(RQ_PARTS, environment)),
  topology: rqTopology,
  concurrency: () => FRONT_THREADS,
  start: (context) => startPythonQueue(context, 'rq_queue', 'task-queue-reply'),
}

export default model
