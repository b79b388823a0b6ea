import { addressOf, spawnApp, terminate } from '../app-process.ts'
import type { ServerModel } from '../model.ts'

const model: ServerModel = {
  id: 'process-pool',
  title: 'One process with a pool of processes',
  tradeoff:
    'As a pool of threads, but a task that crashes or leaks takes only its own process with it; messages cost more, and each process has all of Node’s memory.',
  executor: 'process-pool',
  routing: 'central-queue',
  runs: 'built-in-app',
  // The process that listens, and those that compute.
  topology: ({ workers }) => ({ worker: 1 + workers }),
  async start(context) {
    const worker = spawnApp(
      context,
      { name: 'worker-1', role: 'worker' },
      { executor: 'process-pool', poolSize: context.size.workers },
    )
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
