import { addressOf, spawnApp, terminate } from '../app-process.ts'
import { spawnCommands } from '../command-app.ts'
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
  startsCommands: true,
  async start(context) {
    const { command } = context.app
    if (command !== undefined) {
      const processes = spawnCommands(context, command, [context.port])
      return {
        targets: () => [addressOf(context)],
        requestStop: () => processes.terminate(),
        foreignUnits: () => processes.units(),
      }
    }
    const worker = spawnApp(context, { name: 'worker-1', role: 'worker' })
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
