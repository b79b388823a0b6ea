import type { ChildProcess } from 'node:child_process'
import { LAUNCH_ENV, type Unit } from '../core/unit.ts'
import { addressOf, appEnvironment } from './app-process.ts'
import { signalProcess } from './census.ts'
import type { StartContext } from './model.ts'

/** Processes that a user's command has started, one for each port. */
export interface CommandProcesses {
  /** Those that live, as units: they write no files. */
  units(): Promise<readonly Unit[]>
  /** Asks them, and whatever they have started, to end. */
  terminate(): Promise<void>
}

/** The words with which a shell runs a command; what it needs of the shell (variables, `&&`) works. */
export function shellWords(command: string): readonly [program: string, ...args: string[]] {
  return ['/bin/sh', '-c', command]
}

/** What a command gets in its environment: where to listen, and nothing of the protocol of our own processes but the launch's mark. */
export function commandEnvironment(context: StartContext, port: number): Record<string, string> {
  const { [LAUNCH_ENV.host]: host = '' } = appEnvironment(context)
  return { [LAUNCH_ENV.host]: host, [LAUNCH_ENV.port]: String(port) }
}

/** Starts a command once for each port; it listens on `$PORT`. */
export function spawnCommands(context: StartContext, command: string, ports: readonly number[]): CommandProcesses {
  const processes = ports.map((port, index) => {
    const [program, ...args] = shellWords(command)
    const unit = { name: `worker-${index + 1}`, role: 'worker' } as const
    return context.launch.spawn(unit, program, args, { env: commandEnvironment(context, port), stdin: 'open' })
  })
  return {
    units: () =>
      Promise.resolve(
        processes.flatMap((process, index) => commandUnit(context, index, ports[index] ?? 0, livePid(process))),
      ),
    terminate: () => {
      // Each leads a group of its own: a shell that waits for its command passes no signal on.
      for (const pid of processes.flatMap((process) => livePid(process) ?? [])) signalProcess(-pid, 'SIGTERM')
      return Promise.resolve()
    },
  }
}

/** A process of a command as the worker at a place, from 0; none when it does not live. */
export function commandUnit(context: StartContext, place: number, port: number, pid: number | null): Unit[] {
  if (pid === null) return []
  return [{ name: `worker-${place + 1}`, role: 'worker', pid, url: addressOf(context, port).origin }]
}

function livePid({ pid, exitCode, signalCode }: ChildProcess): number | null {
  return pid !== undefined && exitCode === null && signalCode === null ? pid : null
}
