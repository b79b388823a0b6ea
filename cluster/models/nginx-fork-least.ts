import type { ServerModel } from '../model.ts'
import { startBehindNginx } from '../nginx.ts'
import { needProgram } from '../programs.ts'

const model: ServerModel = {
  id: 'nginx-fork-least',
  title: 'Processes behind NGINX, each request to the least busy',
  tradeoff:
    'A request goes where the fewest are under way, so none waits behind a long one while a process is idle; it costs one proxy more than node:cluster does.',
  executor: 'inline',
  routing: 'least-connections',
  runs: 'any-node-app',
  startsCommands: true,
  needs: () => Promise.resolve(needProgram('nginx', 'nginx-light')),
  topology: ({ workers }) => ({ proxy: 1, worker: workers }),
  start: (context) => startBehindNginx(context, 'least-connections'),
}

export default model
