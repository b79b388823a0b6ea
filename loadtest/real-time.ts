import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Words to put before a command so that it runs under SCHED_FIFO, the lowest of its priorities: above every ordinary
 * process, below all that the kernel itself has there.
 */
const WORDS: readonly string[] = ['chrt', '--fifo', '1']

let found: Promise<readonly string[] | null> | undefined

/**
 * Words that make a command line run with real-time priority, or null where that is not permitted (root, CAP_SYS_NICE
 * or a limit `rtprio` is needed) or the machine has no `chrt`. Tried once in this process.
 *
 * A niceness would not do: since Linux 6.6 an ordinary process that wakes waits until the running one has used up its
 * slice (2.8 ms on two cores), whatever the niceness of the two.
 */
export async function realTimeWords(): Promise<readonly string[] | null> {
  found ??= run('chrt', [...WORDS.slice(1), 'true']).then(
    () => WORDS,
    () => null,
  )
  return found
}
