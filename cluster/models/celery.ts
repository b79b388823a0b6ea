import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { celeryTopology, CELERY_PARTS, FRONT_THREADS, queueNeeds, startPythonQueue } from '../python-queue.ts'

const model: ServerModel = {
  id: 'celery',
  title: 'Celery, a task queue: 202 now, the result later (Python, Redis)',
  tradeoff:
    'The classic of Python: tasks go to a prefork pool through Redis, with retries, routing and schedules on offer; a killed process takes its task with it unless it is set to acknowledge late.',
  executor: 'task-queue',
  routing: 'central-queue',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn', 'celery', 'redis'],
  comparedAs: 'celery-reply',
  supervision: { by: 'Celery’s main process', restartsDead: true, replacesStuck: false, recycles: false },
  needs: (environment) => Promise.resolve(queueNeeds(CELERY_PARTS, environment)),
  topology: celeryTopology,
  concurrency: () => FRONT_THREADS,
  start: (context) => startPythonQueue(context, 'celery_queue', 'task-queue'),
}

export default model
