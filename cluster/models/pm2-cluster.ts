import { addressOf } from '../app-process.ts'
import type { ServerModel } from '../model.ts'
import { PM2_SUPERVISION, startWithPm2 } from '../pm2.ts'

const model: ServerModel = {
  id: 'pm2-cluster',
  title: 'PM2 in cluster mode',
  tradeoff:
    'PM2 as the primary of node:cluster: one port, restarts and reloads from the command line, and a daemon of about 60 MB through which every new connection goes.',
  executor: 'inline',
  routing: 'round-robin-connections',
  runs: 'any-node-app',
  reload: 'clean',
  supervision: PM2_SUPERVISION,
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  async start(context) {
    return { targets: () => [addressOf(context)], ...(await startWithPm2(context, 'cluster')) }
  },
}

export default model
