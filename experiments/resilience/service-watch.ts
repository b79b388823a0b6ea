import type { RunningServer, Topology } from '../../cluster/model.ts'
import { activityOf } from '../../cluster/proc.ts'
import { topologyDifference } from '../../cluster/units.ts'
import type { ServiceChange } from '../../core/resilience-record.ts'
import type { Unit } from '../../core/unit.ts'

/** How often the units are looked at, in milliseconds. */
const LOOK_MS = 25

/** Looks at which units are in service, from its making until it is ended. */
export class ServiceWatch {
  readonly #server: Pick<RunningServer, 'units'>
  readonly #topology: Topology
  readonly #changes: { atMs: number; missing: readonly string[] }[] = []
  #pids = new Set<number>()
  #born = 0
  #over = false
  readonly #watching: Promise<void>

  constructor(server: Pick<RunningServer, 'units'>, topology: Topology) {
    this.#server = server
    this.#topology = topology
    this.#watching = this.#watch()
  }

  /** Workers that came into service while it looked, beside those that it found at first. */
  get newWorkers(): number {
    return this.#born
  }

  /** Ends the watch and gives the changes since a moment (of `performance.now()`); the first is the state right after it. */
  async end(sinceMs: number): Promise<ServiceChange[]> {
    this.#over = true
    await this.#watching
    const before = this.#changes.findLast(({ atMs }) => atMs <= sinceMs)
    const after = this.#changes.filter(({ atMs }) => atMs > sinceMs)
    return [{ atMs: sinceMs, missing: before?.missing ?? [] }, ...after].map(({ atMs, missing }) => ({
      atS: Math.round(atMs - sinceMs) / 1000,
      missing,
    }))
  }

  async #watch(): Promise<void> {
    let known = ''
    for (let first = true; !this.#over; first = false) {
      const units = (await this.#server.units()).filter(({ pid }) => activityOf(pid) !== 'stopped')
      this.#countNew(units, first)
      const missing = topologyDifference(this.#topology, units)
      if (missing.join() !== known || first) this.#changes.push({ atMs: performance.now(), missing })
      known = missing.join()
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  #countNew(units: readonly Unit[], first: boolean): void {
    const pids = units.filter(({ role }) => role === 'worker').map(({ pid }) => pid)
    if (!first) this.#born += pids.filter((pid) => !this.#pids.has(pid)).length
    for (const pid of pids) this.#pids.add(pid)
  }
}
