import { setTimeout as sleep } from 'node:timers/promises'
import { LAUNCH_ENV } from '../core/unit.ts'
import { descendantsOf, environmentOf, isAlive, listProcesses, type ProcessEntry, writesInto } from './proc.ts'

/** A process that was started or adopted on purpose, as it is kept on disk. */
export interface ProcessIdentity {
  readonly pid: number
  readonly birth: string
}

/** What makes a process ours. Any one of the marks is enough, and so is a parent that has one. */
export interface Claim {
  /** Whether a launch id, found in a process's environment, is ours. */
  readonly isOurs: (launchId: string) => boolean
  /** Private folder, where there is one: who writes its standard output there belongs to us (NGINX wipes its environment). */
  readonly dir: string | null
  readonly recorded: readonly ProcessIdentity[]
}

/** How long a process may take to vanish after SIGKILL before we give up on it, in seconds. */
const KILL_TIMEOUT_S = 10

/** Every live process of the claim: the recorded ones, the marked ones, and all below them. Never this process. */
export function claimedProcesses(claim: Claim): ProcessEntry[] {
  const processes = listProcesses()
  const births = new Map(claim.recorded.map(({ pid, birth }) => [pid, birth]))
  const roots = [...processes.values()].filter((entry) => {
    if (entry.pid === process.pid) return false
    if (births.get(entry.pid) === entry.birth) return true
    const launchId = environmentOf(entry.pid, LAUNCH_ENV.launchId)
    if (launchId !== null && claim.isOurs(launchId)) return true
    return claim.dir !== null && writesInto(entry.pid, claim.dir)
  })
  const below = descendantsOf(
    roots.map((entry) => entry.pid),
    processes,
  )
  return [...roots, ...below].filter((entry) => !entry.zombie && entry.pid !== process.pid)
}

/**
 * Ends every process of the claim with SIGKILL and waits until none is left, those included that were born while the
 * others were dying. Gives the pids it had to kill; gives up on what the kernel does not let go within 10 s.
 */
export async function endProcesses(claim: Claim): Promise<number[]> {
  const killed = new Set<number>()
  const deadline = performance.now() + KILL_TIMEOUT_S * 1000
  for (let alive = claimedProcesses(claim); alive.length > 0; alive = claimedProcesses(claim)) {
    for (const entry of alive) if (kill(entry)) killed.add(entry.pid)
    while (alive.some(isAlive) && performance.now() < deadline) await sleep(5)
    if (performance.now() >= deadline) break
  }
  return [...killed]
}

/** As {@link endProcesses}, for the last moments of this process: kills without waiting. */
export function endProcessesNow(claim: Claim): void {
  for (const entry of claimedProcesses(claim)) kill(entry)
}

/** Sends a signal; false when the process is gone or not ours to end. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

function kill(entry: ProcessEntry): boolean {
  return isAlive(entry) && signalProcess(entry.pid, 'SIGKILL')
}
