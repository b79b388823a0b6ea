import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { celeryTopology, CELERY_PARTS, FRONT_THREADS, queueNeeds, startPythonQueue } from '../python-queue.ts'

const model: ServerModel = {
  id: 'celery-reply',
  title: 'Celery, a task queue whose requests wait for the result (Python, Redis)',
  tradeoff: 'As `celery`, and a request holds one of the front’s threads until its result is back.',
  executor: 'task-queue-reply',
  routing: 'central-queue',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn', 'celery', 'redis'],
  supervision: { by: 'Celery’s main process', restartsDead: true, replacesStuck: false, recycles: false },
  needs: (environment) => Promise.resolve(queueNeeds(CELERY_PARTS, environment)),
  topology: celeryTopology,
  concurrency: () => FRONT_THREADS,
  start: (context) => startPythonQueue(context, 'celery_queue', 'task-queue-reply'),
}

export default model
