import { compiled } from '../core/paths.ts'
import { addressOf, appEnvironment, type AppSettings, terminate } from './app-process.ts'
import type { ModelProcess, StartContext, Supervision } from './model.ts'
import { CHANGE_MESSAGE, type ChangeMessage } from './supervisor/change.ts'
import { SUPERVISOR_VARIABLES } from './supervisor/settings.ts'

/** How the workers of a supervisor come by their connections: dealt in turn, from one queue, or by the kernel's hash. */
export type SupervisorKind = 'round-robin' | 'shared-accept' | 'reuse-port'

/** What our supervisor does about workers in trouble. */
export const SUPERVISION: Supervision = {
  by: 'the supervisor',
  restartsDead: true,
  replacesStuck: true,
  recycles: true,
}

/** Starts our pre-fork supervisor, which starts the workers. */
export function startSupervisor(context: StartContext, kind: SupervisorKind, settings: AppSettings = {}): ModelProcess {
  const env = {
    ...appEnvironment(context, settings),
    [SUPERVISOR_VARIABLES.workers.variable]: String(context.size.workers),
  }
  const unit = { name: 'primary', role: 'supervisor' } as const
  const primary = context.launch.spawn(unit, context.nodePath, [compiled('cluster/supervisor/primary.js'), kind], {
    env,
    ipc: true,
    stdin: 'open',
  })
  return {
    targets: () => [addressOf(context)],
    requestStop: () => terminate(primary),
    requestReload: () => Promise.resolve(void primary.kill('SIGHUP')),
    requestChange: (change) => {
      const message: ChangeMessage = { type: CHANGE_MESSAGE, ...change }
      if (primary.connected) primary.send(message, () => undefined)
      return Promise.resolve()
    },
  }
}
