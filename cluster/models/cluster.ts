import type { ServerModel } from '../model.ts'
import { startSupervisor, SUPERVISION } from '../supervisor.ts'

const model: ServerModel = {
  id: 'cluster',
  title: 'Pre-fork with node:cluster, connections dealt in turn',
  tradeoff:
    'Every core works behind one port and a dead worker is replaced, but connections are dealt, not requests: with few of them some workers get more than others.',
  executor: 'inline',
  routing: 'round-robin-connections',
  runs: 'any-node-app',
  reload: 'clean',
  supervision: SUPERVISION,
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  start: async (context) => startSupervisor(context, 'round-robin'),
}

export default model
