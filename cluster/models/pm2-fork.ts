import { addressOf } from '../app-process.ts'
import type { ServerModel } from '../model.ts'
import { PM2_SUPERVISION, startWithPm2 } from '../pm2.ts'

const model: ServerModel = {
  id: 'pm2-fork',
  title: 'PM2 in fork mode',
  tradeoff:
    'Processes that share nothing, restarted by PM2; each has a port of its own, so something in front must spread the requests, and PM2’s daemon costs about 60 MB.',
  executor: 'inline',
  routing: 'client-round-robin',
  runs: 'any-node-app',
  startsCommands: true,
  reload: 'rough',
  supervision: PM2_SUPERVISION,
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  async start(context) {
    const { port, size } = context
    const targets = Array.from({ length: size.workers }, (_, index) => addressOf(context, port + index))
    return { targets: () => targets, ...(await startWithPm2(context, 'fork')) }
  },
}

export default model
