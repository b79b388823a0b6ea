import type { ServerModel } from '../model.ts'
import { startBehindNginx } from '../nginx.ts'
import { needProgram } from '../programs.ts'

const model: ServerModel = {
  id: 'nginx-fork',
  title: 'Processes behind NGINX, requests dealt in turn',
  tradeoff:
    'Requests are dealt, not connections, so the shares are even with any number of clients, and NGINX can do much else; but every request is read and written once more.',
  executor: 'inline',
  routing: 'proxy-round-robin',
  runs: 'any-node-app',
  startsCommands: true,
  needs: () => Promise.resolve(needProgram('nginx', 'nginx-light')),
  topology: ({ workers }) => ({ proxy: 1, worker: workers }),
  start: (context) => startBehindNginx(context, 'round-robin'),
}

export default model
