import { addressOf, spawnApp, terminate } from '../app-process.ts'
import type { ServerModel } from '../model.ts'
import { findBun } from '../runtimes.ts'
import { needTool } from '../tools.ts'

const model: ServerModel = {
  id: 'single-bun',
  title: 'One process on Bun instead of Node',
  tradeoff:
    'The same code on another engine with an HTTP server of its own, which may be quicker or slower for yours; but what Node’s modules do is imitated, and not all of it.',
  executor: 'inline',
  routing: 'one',
  fixedSize: true,
  runs: 'any-node-app',
  runtime: 'Bun',
  needs: () => Promise.resolve(needTool('Bun (npm package bun)', findBun())),
  topology: () => ({ worker: 1 }),
  async start(context) {
    const runtime = [findBun() ?? 'bun'] as const
    const worker = spawnApp(context, { name: 'worker-1', role: 'worker' }, { runtime, env: { DO_NOT_TRACK: '1' } })
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
