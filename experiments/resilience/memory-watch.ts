import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../../cluster/model.ts'
import { memoryOf } from '../../cluster/proc.ts'
import type { MemoryMoment } from '../../core/resilience-record.ts'

/** How often memory is looked at, in milliseconds. */
const LOOK_MS = 1000

/** Looks at the resident memory of a server's processes, from its making until it is ended. */
export class MemoryWatch {
  readonly #server: Pick<RunningServer, 'units'>
  readonly #moments: { atMs: number; rssBytes: number }[] = []
  readonly #ending = new AbortController()
  readonly #watching: Promise<void>

  constructor(server: Pick<RunningServer, 'units'>) {
    this.#server = server
    this.#watching = this.#watch()
  }

  /** Ends the watch and gives what it saw, in seconds since a moment (of `performance.now()`). */
  async end(sinceMs: number): Promise<MemoryMoment[]> {
    this.#ending.abort()
    await this.#watching
    return this.#moments.map(({ atMs, rssBytes }) => ({ atS: Math.round(atMs - sinceMs) / 1000, rssBytes }))
  }

  async #watch(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const pids = new Set((await this.#server.units()).map(({ pid }) => pid))
      const rssBytes = [...pids].reduce((sum, pid) => sum + (memoryOf(pid)?.rssBytes ?? 0), 0)
      if (rssBytes > 0) this.#moments.push({ atMs: performance.now(), rssBytes })
      await sleep(LOOK_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined)
    }
  }
}
