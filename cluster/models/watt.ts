import type { NeedsEnvironment, ServerModel, UnmetNeed } from '../model.ts'
import { needNode } from '../node-version.ts'
import { findTool, needTool } from '../tools.ts'
import { startWatt, WATT_NODE, WATTPM } from '../watt.ts'

// No `supervision`: Watt starts a crashed thread again, but all threads are one process, which nobody watches.
const model: ServerModel = {
  id: 'watt',
  title: 'Watt: threads of one process, each with SO_REUSEPORT',
  tradeoff:
    'One process to run and to restart, and no primary in the way, but Watt takes seconds to start, a crash of the process takes every worker with it, and the kernel’s hash spreads few connections unevenly.',
  executor: 'inline',
  routing: 'kernel-hash',
  runs: 'any-node-app',
  takesFirstServer: true,
  needs: (environment) => Promise.resolve(needs(environment)),
  topology: ({ workers }) => ({ worker: workers }),
  start: (context) => Promise.resolve(startWatt(context)),
}

export default model

function needs(environment: NeedsEnvironment): UnmetNeed[] {
  return [
    ...needNode(environment, [[22, 19]]),
    ...needTool('Watt (npm package wattpm)', findTool(WATTPM)),
    ...needTool('Watt’s part for Node apps (npm package @platformatic/node)', findTool(WATT_NODE)),
    ...(environment.platform === 'linux'
      ? []
      : [{ what: 'Linux, whose kernel spreads connections over the sockets of one port', remedy: 'Run it on Linux.' }]),
  ]
}
