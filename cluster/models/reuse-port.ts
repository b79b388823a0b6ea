import type { NeedsEnvironment, ServerModel, UnmetNeed } from '../model.ts'
import { needNode } from '../node-version.ts'
import { startSupervisor, SUPERVISION } from '../supervisor.ts'

const model: ServerModel = {
  id: 'reuse-port',
  title: 'Pre-fork with SO_REUSEPORT',
  tradeoff:
    'The kernel spreads connections over workers that share nothing, not even a socket, but by a hash: few connections fall unevenly, and those that a leaving worker had not accepted yet are reset.',
  executor: 'inline',
  routing: 'kernel-hash',
  runs: 'any-node-app',
  needs: (environment) => Promise.resolve(needs(environment)),
  reload: 'rough',
  supervision: SUPERVISION,
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  start: async (context) => startSupervisor(context, 'reuse-port'),
}

export default model

/** `net.Server.listen({ reusePort })` came with Node 22.12 and 23.1; only Linux balances over such sockets. */
function needs(environment: NeedsEnvironment): UnmetNeed[] {
  return [
    ...needNode(environment, [
      [22, 12],
      [23, 1],
    ]),
    ...(environment.platform === 'linux'
      ? []
      : [{ what: 'Linux, whose kernel spreads connections over the sockets of one port', remedy: 'Run it on Linux.' }]),
  ]
}
