import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Highest rate at which a generator may have real-time priority. It then needs about 0.4 cores (2 cores, Node 20.20,
 * November 2026) and sleeps between its instants; at several times this rate one that could not keep up never slept
 * again, and kept a whole core from the server that it waited for.
 */
export const MOST_REAL_TIME_RATE = 5000

/**
 * Words to put before a command so that it runs under SCHED_RR, the lowest of its priorities: above every ordinary
 * process, below all that the kernel itself has there. SCHED_FIFO would not do: V8 turns while it waits for its helper
 * threads, which on a CPU of its own then never get their turn. Should a thread ever compute for a second without a
 * pause, the kernel ends the process (SIGKILL).
 */
const WORDS: readonly string[] = ['prlimit', '--rttime=1000000:1000000', 'chrt', '--rr', '1']

let found: Promise<readonly string[] | null> | undefined

/**
 * Words that make a command line run with real-time priority, or null where that is not permitted (root, CAP_SYS_NICE
 * or a limit `rtprio` is needed) or the machine lacks `chrt` or `prlimit`. Tried once in this process.
 *
 * A niceness would not do: since Linux 6.6 an ordinary process that wakes waits until the running one has used up its
 * slice (2.8 ms on two cores), whatever the niceness of the two.
 */
export async function realTimeWords(): Promise<readonly string[] | null> {
  found ??= run('prlimit', [...WORDS.slice(1), 'true']).then(
    () => WORDS,
    () => null,
  )
  return found
}
