import { addressOf, spawnApp, terminate } from '../app-process.ts'
import type { ServerModel } from '../model.ts'

const model: ServerModel = {
  id: 'worker-pool',
  title: 'One process with a pool of threads',
  tradeoff:
    'Computation leaves the event loop and one queue feeds every core, but parsing and I/O stay on one thread and each task is copied there and back.',
  executor: 'worker-pool',
  routing: 'central-queue',
  runs: 'built-in-app',
  topology: ({ workers }) => ({ worker: 1, thread: workers }),
  async start(context) {
    const worker = spawnApp(
      context,
      { name: 'worker-1', role: 'worker' },
      { executor: 'worker-pool', poolSize: context.size.workers },
    )
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
