import type { ServerModel } from '../model.ts'
import { PYTHON_RUNTIME } from '../python-interpreter.ts'
import { celeryTopology, CELERY_PARTS, FRONT_THREADS, queueNeeds, startPythonQueue } from '../python-queue.ts'

const model: ServerModel = {
  id: 'celery-late-reply',
  title: 'Celery that acknowledges a task when it is done; requests wait for the result (Python, Redis)',
  tradeoff:
    'As `celery-reply`, with `acks_late` and `reject_on_worker_lost`: when the process of a task is killed, the task runs again instead of being lost, so it must be safe to run twice.',
  executor: 'task-queue-reply',
  routing: 'central-queue',
  runs: 'built-in-app',
  runtime: PYTHON_RUNTIME,
  pythonModules: ['gunicorn', 'celery', 'redis'],
  supervision: { by: 'Celery’s main process', restartsDead: true, replacesStuck: false, recycles: false },
  needs: (environment) => Promise.resolve(queueNeeds(CELERY_PARTS, environment)),
  topology: celeryTopology,
  concurrency: () => FRONT_THREADS,
  start: (context) => startPythonQueue(context, 'celery_queue', 'task-queue-reply', { FORKWISE_CELERY_ACKS: 'late' }),
}

export default model
