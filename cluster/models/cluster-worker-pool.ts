import type { ServerModel } from '../model.ts'
import { startSupervisor, SUPERVISION } from '../supervisor.ts'

const model: ServerModel = {
  id: 'cluster-worker-pool',
  title: 'Pre-fork with node:cluster, each worker with a pool of threads',
  tradeoff:
    'Event loops stay free and parsing uses every core too, but processes times threads soon outnumber the cores, and each pool has only its own share of the connections to feed on.',
  executor: 'worker-pool',
  routing: 'round-robin-connections',
  runs: 'built-in-app',
  reload: 'clean',
  supervision: SUPERVISION,
  topology: ({ workers, threads }) => ({ supervisor: 1, worker: workers, thread: workers * threads }),
  start: async (context) =>
    startSupervisor(context, 'round-robin', { executor: 'worker-pool', poolSize: context.size.threads }),
}

export default model
