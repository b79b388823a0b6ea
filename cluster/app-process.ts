import type { ChildProcess } from 'node:child_process'
import { compiled } from '../core/paths.ts'
import { LAUNCH_ENV, type Unit, type UnitRole } from '../core/unit.ts'
import type { ExecutorId } from '../server/executor.ts'
import { signalProcess } from './census.ts'
import type { AppUnderTest, StartContext } from './model.ts'

/** Settings of a process of the app beyond the context of its start. */
export interface AppSettings {
  readonly executor?: ExecutorId
  /** Threads or processes of the executor's pool. */
  readonly poolSize?: number
  readonly port?: number
  /** What runs the app instead of the context's Node: a program and the words in front of the file. */
  readonly runtime?: readonly [program: string, ...args: string[]]
  readonly env?: Readonly<Record<string, string>>
}

/** Environment of a process that runs the app under test, on top of the launch's. */
export function appEnvironment(context: StartContext, settings: AppSettings = {}): Record<string, string> {
  return {
    [LAUNCH_ENV.host]: context.host,
    [LAUNCH_ENV.port]: String(settings.port ?? context.port),
    [LAUNCH_ENV.metrics]: context.metrics ? 'on' : 'off',
    [LAUNCH_ENV.metricsPort]: '0',
    [LAUNCH_ENV.executor]: settings.executor ?? 'inline',
    [LAUNCH_ENV.upstream]: context.upstreamUrl,
    [LAUNCH_ENV.grace]: String(context.graceS),
    ...(settings.poolSize === undefined ? {} : { [LAUNCH_ENV.poolSize]: String(settings.poolSize) }),
    ...ownAppEnvironment(context.app),
    ...settings.env,
  }
}

/** The environment that describes the user's own app to a process; nothing for the built-in one. */
export function ownAppEnvironment({ module, servedBy, loader }: AppUnderTest): Record<string, string> {
  return {
    ...(module === undefined ? {} : { [LAUNCH_ENV.app]: module }),
    ...(servedBy === undefined ? {} : { [LAUNCH_ENV.appServedBy]: servedBy }),
    ...(loader === undefined ? {} : { [LAUNCH_ENV.appLoader]: loader }),
  }
}

/** Starts one process of the app under test: the compiled server, on the Node of the context. */
export function spawnApp(
  context: StartContext,
  unit: { name: string; role: UnitRole },
  settings: AppSettings = {},
): ChildProcess {
  const [program, ...args] = settings.runtime ?? [context.nodePath]
  return context.launch.spawn(unit, program, [...args, compiled('server/main.js')], {
    env: appEnvironment(context, settings),
    ipc: true,
    stdin: 'open',
  })
}

/** Address of a server on the context's host. */
export function addressOf(context: StartContext, port: number = context.port): URL {
  const host = context.host.includes(':') ? `[${context.host}]` : context.host
  return new URL(`http://${host}:${port}`)
}

/** Asks processes to finish their requests and end; those that are gone already are fine. */
export function terminate(...children: readonly ChildProcess[]): Promise<void> {
  for (const { pid, exitCode, signalCode } of children) {
    if (pid !== undefined && exitCode === null && signalCode === null) signalProcess(pid, 'SIGTERM')
  }
  return Promise.resolve()
}

/** A spawned process that writes no unit file of its own, as a unit while it lives. */
export function spawnedUnit(name: string, role: UnitRole, { pid, exitCode, signalCode }: ChildProcess): Unit[] {
  return pid !== undefined && exitCode === null && signalCode === null ? [{ name, role, pid }] : []
}
