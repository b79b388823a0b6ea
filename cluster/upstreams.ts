import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { spawnApp, terminate } from './app-process.ts'
import { signalProcess } from './census.ts'
import type { StartContext } from './model.ts'
import { untilWorkers } from './units.ts'

/** Processes of the app on ports of their own, for a proxy in front of them. */
export interface Upstreams {
  readonly workers: readonly ChildProcess[]
  /** `host:port` of each, in the order of their names. */
  readonly addresses: readonly string[]
}

/** Starts processes of the app on ports of their own and waits until all listen. */
export async function startUpstreams(context: StartContext): Promise<Upstreams> {
  const { launch, size, signal } = context
  const workers = Array.from({ length: size.workers }, (_, index) =>
    spawnApp(context, { name: `worker-${index + 1}`, role: 'worker' }, { port: 0 }),
  )
  const units = await untilWorkers(launch.dir, size.workers, signal)
  return { workers, addresses: units.flatMap(({ url }) => (url === undefined ? [] : [new URL(url).host])) }
}

/**
 * Has a proxy finish what it has passed on, by the signal that asks it to, and then the processes behind it end: nobody
 * asks them for anything any more.
 */
export async function stopProxyFirst(
  proxy: ChildProcess,
  signal: NodeJS.Signals,
  behind: readonly ChildProcess[],
): Promise<void> {
  await endedAfter(proxy, signal)
  await terminate(...behind)
}

/** Sends a process a signal and waits until it has ended; at once when it has already. */
export async function endedAfter(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const { pid, exitCode, signalCode } = child
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  const end = once(child, 'exit')
  signalProcess(pid, signal)
  await end
}
