import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Unit } from '../core/unit.ts'
import { spawnApp, terminate } from './app-process.ts'
import { signalProcess } from './census.ts'
import { type CommandProcesses, spawnCommands } from './command-app.ts'
import type { StartContext } from './model.ts'
import { findFreePorts } from './ports.ts'
import { answers } from './readiness.ts'
import { untilWorkers } from './units.ts'

/** Processes of the app on ports of their own, for a proxy in front of them. */
export interface Upstreams extends CommandProcesses {
  /** `host:port` of each, in the order of their names. */
  readonly addresses: readonly string[]
}

/** How often processes of a command are asked whether they listen, in milliseconds. */
const POLL_MS = 25

/** Starts processes of the app, or of the user's command, on ports of their own and waits until all listen. */
export async function startUpstreams(context: StartContext): Promise<Upstreams> {
  const { launch, size, signal, app } = context
  // Chosen beforehand: many apps take PORT=0 for none.
  const first = await findFreePorts(context.host, size.workers)
  const ports = Array.from({ length: size.workers }, (_, index) => first + index)
  if (app.command !== undefined) return untilAccepting(spawnCommands(context, app.command, ports), signal)
  const workers = ports.map((port, index) =>
    spawnApp(context, { name: `worker-${index + 1}`, role: 'worker' }, { port }),
  )
  const units = await untilWorkers(launch.dir, size.workers, signal)
  return { addresses: addressesOf(units), units: () => Promise.resolve([]), terminate: () => terminate(...workers) }
}

async function untilAccepting(processes: CommandProcesses, signal: AbortSignal): Promise<Upstreams> {
  for (;;) {
    signal.throwIfAborted()
    const addresses = addressesOf(await processes.units())
    const accepting = await Promise.all(addresses.map((address) => answers(`http://${address}`, null)))
    if (accepting.every(Boolean)) {
      return { addresses, units: () => processes.units(), terminate: () => processes.terminate() }
    }
    await sleep(POLL_MS)
  }
}

function addressesOf(units: readonly Unit[]): string[] {
  return units.flatMap(({ url }) => (url === undefined ? [] : [new URL(url).host]))
}

/**
 * Has a proxy finish what it has passed on, by the signal that asks it to, and then what is behind it end: nobody asks it
 * for anything any more.
 */
export async function stopProxyFirst(
  proxy: ChildProcess,
  signal: NodeJS.Signals,
  endBehind: () => Promise<void>,
): Promise<void> {
  await endedAfter(proxy, signal)
  await endBehind()
}

/** Sends a process a signal and waits until it has ended; at once when it has already. */
export async function endedAfter(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const { pid, exitCode, signalCode } = child
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  const end = once(child, 'exit')
  signalProcess(pid, signal)
  await end
}
