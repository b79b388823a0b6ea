import { addressOf, spawnApp, terminate } from '../app-process.ts'
import type { ServerModel } from '../model.ts'

const model: ServerModel = {
  id: 'cooperative',
  title: 'One process that computes in slices',
  tradeoff:
    'Between slices the event loop turns, so short requests overtake long ones, but it is still one core, and only code that was written in slices can yield.',
  executor: 'cooperative',
  routing: 'one',
  fixedSize: true,
  runs: 'built-in-app',
  topology: () => ({ worker: 1 }),
  async start(context) {
    const worker = spawnApp(context, { name: 'worker-1', role: 'worker' }, { executor: 'cooperative' })
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
