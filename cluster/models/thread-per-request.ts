import { addressOf, spawnApp, terminate } from '../app-process.ts'
import type { ServerModel } from '../model.ts'

const model: ServerModel = {
  id: 'thread-per-request',
  title: 'One process that starts a thread for each request',
  tradeoff:
    'Nothing to size and nothing shared, but every request waits for a thread to start, tens of milliseconds in Node: the reason why there are pools.',
  executor: 'thread-per-request',
  routing: 'one',
  fixedSize: true,
  runs: 'built-in-app',
  topology: () => ({ worker: 1 }),
  async start(context) {
    const worker = spawnApp(context, { name: 'worker-1', role: 'worker' }, { executor: 'thread-per-request' })
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
