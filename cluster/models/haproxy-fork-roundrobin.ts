import { startBehindHaproxy } from '../haproxy.ts'
import type { ServerModel } from '../model.ts'
import { needProgram } from '../programs.ts'

const model: ServerModel = {
  id: 'haproxy-fork-roundrobin',
  title: 'Processes behind HAProxy, requests dealt in turn',
  tradeoff:
    'Compare it with least connections to see what that saves when requests differ: dealt in turn, short ones wait behind long ones while another process is idle.',
  executor: 'inline',
  routing: 'proxy-round-robin',
  runs: 'any-node-app',
  startsCommands: true,
  needs: () => Promise.resolve(needProgram('haproxy', 'haproxy')),
  topology: ({ workers }) => ({ proxy: 1, worker: workers }),
  start: (context) => startBehindHaproxy(context, 'round-robin'),
}

export default model
