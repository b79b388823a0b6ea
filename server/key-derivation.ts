import { once } from 'node:events'
import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { compiled } from '../core/paths.ts'
import { BoundedPool, type RunningTask } from './bounded-pool.ts'
import { monotonicS } from './clock.ts'
import type { HandlerContext } from './handler.ts'
import { type KeySettings, PASSWORD, SALT } from './key-settings.ts'
import type { TaskOutcome } from './task.ts'

/** Where a process derives keys, and how many at once. */
export interface DerivationPolicy {
  /** Most keys at once: others wait on the event loop; null = any number. */
  readonly mostAtOnce: number | null
  /** Threads of its own that derive them; null = those of libuv, which file reads and name look-ups need as well. */
  readonly threads: number | null
}

/** Hands every key to the threads of libuv at once: what plain code does. */
export const UNBOUNDED: DerivationPolicy = { mostAtOnce: null, threads: null }

const deriveOnLibuv = promisify(pbkdf2)

/** Derives keys as a policy says. One for each process. */
export class KeyDerivation {
  readonly #pool: BoundedPool | null
  readonly #idle: Worker[]

  constructor({ mostAtOnce, threads }: DerivationPolicy = UNBOUNDED) {
    this.#idle = Array.from({ length: threads ?? 0 }, startThread)
    const size = Math.min(mostAtOnce ?? Infinity, threads ?? Infinity)
    this.#pool =
      size === Infinity
        ? null
        : new BoundedPool({
            size,
            maxQueue: Infinity,
            onWait: undefined,
            start: ({ input }) => running(this.#derive(input as KeySettings)),
          })
  }

  /** A key in hexadecimal digits; rejects when the request was given up before its turn came. */
  async derive(settings: KeySettings, context: HandlerContext): Promise<string> {
    if (this.#pool === null) return this.#derive(settings)
    const task = { handler: 'cpu-hash', input: settings, upstreamUrl: '', filesDir: '' }
    return (await this.#pool.run(task, context.signal)) as string
  }

  async #derive({ rounds, bytes, digest }: KeySettings): Promise<string> {
    const thread = this.#idle.pop()
    if (thread === undefined) return (await deriveOnLibuv(PASSWORD, SALT, rounds, bytes, digest)).toString('hex')
    try {
      thread.postMessage({ rounds, bytes, digest })
      const [key] = (await once(thread, 'message')) as [string]
      return key
    } finally {
      this.#idle.push(thread)
    }
  }
}

/** A thread that does not keep the process alive. */
function startThread(): Worker {
  const thread = new Worker(compiled('server/key-thread.js'))
  thread.unref()
  return thread
}

function running(key: Promise<string>): RunningTask {
  const startedS = monotonicS()
  return {
    outcome: key.then((output): TaskOutcome => ({ output, startedS })),
    // A key that nobody wants any more is derived to its end: that is shorter than starting another thread.
    kill: () => undefined,
  }
}

let current = new KeyDerivation()

/** Derives a key as this process is set to. */
export async function deriveKey(settings: KeySettings, context: HandlerContext): Promise<string> {
  return current.derive(settings, context)
}

/** Derives keys by another policy from now on. */
export function deriveKeysBy(policy: DerivationPolicy): void {
  current = new KeyDerivation(policy)
}
