import { join } from 'node:path'
import { addressOf, spawnApp, terminate } from '../app-process.ts'
import type { ServerModel } from '../model.ts'
import { findDeno } from '../runtimes.ts'
import { needTool } from '../tools.ts'

const model: ServerModel = {
  id: 'single-deno',
  title: 'One process on Deno instead of Node',
  tradeoff:
    'The same code on V8 with an HTTP server written in Rust, which may be quicker or slower for yours; but what Node’s modules do is imitated, and not all of it.',
  executor: 'inline',
  routing: 'one',
  fixedSize: true,
  runs: 'any-node-app',
  runtime: 'Deno',
  needs: () => Promise.resolve(needTool('Deno (npm package deno)', findDeno())),
  topology: () => ({ worker: 1 }),
  async start(context) {
    const runtime = [findDeno() ?? 'deno', 'run', '--allow-all', '--no-prompt', '--quiet', '--no-remote'] as const
    const env = { DENO_DIR: join(context.launch.dir, 'deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' }
    const worker = spawnApp(context, { name: 'worker-1', role: 'worker' }, { runtime, env })
    return { targets: () => [addressOf(context)], requestStop: () => terminate(worker) }
  },
}

export default model
