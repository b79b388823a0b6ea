import { readFileSync } from 'node:fs'
import { LAUNCH_ENV } from '../core/unit.ts'

/** How often the owner is looked for; the first time before the app is loaded, since it may be gone by then. */
const LOOK_MS = 500

/**
 * Ends this process, and the daemon that would start another in its place, once the process that FORKWISE_OWNER names is
 * gone: a daemon has no channel to its owner that could close. Does nothing where no owner is named.
 */
export function watchOwner(env: NodeJS.ProcessEnv = process.env): void {
  const owner = Number(env[LAUNCH_ENV.owner])
  if (!Number.isInteger(owner) || owner <= 1) return
  const daemon = process.ppid
  const look = (): void => {
    if (lives(owner)) return
    // A daemon that is gone already has left this process to another parent.
    if (daemon > 1 && process.ppid === daemon) process.kill(daemon, 'SIGKILL')
    process.kill(process.pid, 'SIGKILL')
  }
  look()
  setInterval(look, LOOK_MS).unref()
}

/** False also for one that has ended and is still listed, since nobody has asked how it ended. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return true
  }
}
