import type { ServerModel } from '../model.ts'
import { startSupervisor, SUPERVISION } from '../supervisor.ts'

const model: ServerModel = {
  id: 'cluster-shared',
  title: 'Pre-fork with node:cluster, all workers accepting from one socket',
  tradeoff:
    'No work for the primary, as under Gunicorn, but whoever is awake takes the connection: the shares are uneven and some workers may get none.',
  executor: 'inline',
  routing: 'shared-accept',
  runs: 'any-node-app',
  reload: 'clean',
  supervision: SUPERVISION,
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  start: async (context) => startSupervisor(context, 'shared-accept'),
}

export default model
