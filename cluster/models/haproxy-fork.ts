import { startBehindHaproxy } from '../haproxy.ts'
import type { ServerModel } from '../model.ts'
import { needProgram } from '../programs.ts'

const model: ServerModel = {
  id: 'haproxy-fork',
  title: 'Processes behind HAProxy, each request to the least busy',
  tradeoff:
    'As NGINX with least connections, in one process with a thread for each core, and with statistics of every process behind it; but it serves no files.',
  executor: 'inline',
  routing: 'least-connections',
  runs: 'any-node-app',
  startsCommands: true,
  needs: () => Promise.resolve(needProgram('haproxy', 'haproxy')),
  topology: ({ workers }) => ({ proxy: 1, worker: workers }),
  start: (context) => startBehindHaproxy(context, 'least-connections'),
}

export default model
