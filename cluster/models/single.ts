import { addressOf, spawnApp, terminate } from '../app-process.ts'
import type { ServerModel } from '../model.ts'

const model: ServerModel = {
  id: 'single',
  title: 'One process',
  tradeoff: 'Nothing to run or to share, but one core at most, and one long computation holds up every other request.',
  executor: 'inline',
  routing: 'one',
  fixedSize: true,
  runs: 'any-node-app',
  topology: () => ({ worker: 1 }),
  async start(context) {
    const worker = spawnApp(context, { name: 'worker-1', role: 'worker' })
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
