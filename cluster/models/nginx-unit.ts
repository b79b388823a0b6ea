import type { ServerModel } from '../model.ts'
import { startNginxUnit, unitNeeds } from '../nginx-unit.ts'

const model: ServerModel = {
  id: 'nginx-unit',
  title: 'Processes in NGINX Unit',
  tradeoff:
    'A router in C keeps the connections and hands requests over shared memory to whichever process is free, whatever their language; but Node’s own HTTP server is replaced, and with it what its code relies on.',
  executor: 'inline',
  routing: 'shared-accept',
  runs: 'any-node-app',
  reload: 'rough',
  supervision: { by: 'unitd', restartsDead: true, replacesStuck: false, recycles: false },
  needs: () => Promise.resolve(unitNeeds()),
  topology: ({ workers }) => ({ supervisor: 1, worker: workers }),
  start: startNginxUnit,
}

export default model
