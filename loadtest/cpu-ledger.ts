import { readProcess, threadsCpuS } from '../cluster/proc.ts'
import { readText } from '../core/read-text.ts'

/** CPU counters of one process at one instant, in seconds. */
export interface CpuReading {
  readonly ppid: number
  readonly birth: string
  /** Its own, dead threads included, in steps of 10 ms. */
  readonly ownS: number
  /** Its own, exact, but only of the threads that are alive; null where the kernel does not report it. */
  readonly threadsS: number | null
  /** What dead children used in their lives, as far as it waited for them; in steps of 10 ms. */
  readonly childrenS: number
}

/** Reads the counters of a process; null when there is none of that pid. */
export type ReadCpu = (pid: number) => CpuReading | null

interface Account {
  /** Null when it was born after the first look: all that it used counts. */
  readonly first: CpuReading | null
  readonly last: CpuReading
  /** CPU of before the first look that is in its children's time: they were looked at, and it has waited for them. */
  readonly broughtS: number
}

/**
 * What processes use between two looks, those included that end in between. The kernel adds all that a dead process used to its
 * parent's account when the parent waits for it; of that, what the dead one had used before the first look is taken away
 * again. Of a process for which nobody of ours waited (its parent was dead already) what it had used when it was last looked at
 * counts; the rest cannot be seen.
 */
export class CpuLedger {
  readonly #read: ReadCpu
  readonly #living = new Map<number, Account>()
  readonly #lost: Account[] = []
  readonly #beganAtTicks: number
  #looks = 0

  /** `beganAtTicks`: now, in the unit of births. */
  constructor(read: ReadCpu = readCpu, beganAtTicks: number = ticksNow()) {
    this.#read = read
    this.#beganAtTicks = beganAtTicks
  }

  /** Reads the counters of these processes and of all that were looked at before. */
  look(pids: Iterable<number>): void {
    const now = new Map<number, CpuReading>()
    for (const pid of new Set([...pids, ...this.#living.keys()])) {
      const reading = this.#read(pid)
      if (reading !== null) now.set(pid, reading)
    }
    this.#settle(now)
    for (const [pid, reading] of now) {
      const known = this.#living.get(pid)
      const first = this.#looks === 0 || !this.isBornSince(reading.birth) ? reading : null
      this.#living.set(pid, known === undefined ? { first, last: reading, broughtS: 0 } : { ...known, last: reading })
    }
    this.#looks += 1
  }

  /** CPU seconds of each process that lived at the last look, and of the children that it waited for, by pid. */
  used(): Map<number, number> {
    return new Map([...this.#living].map(([pid, account]) => [pid, usedS(account)]))
  }

  /** CPU seconds of processes that ended and for which nobody of these waited, as far as they were looked at. */
  lostS(): number {
    return this.#lost.reduce((sum, account) => sum + usedS(account), 0)
  }

  /** True for the birth of a process that was born after the first look. */
  isBornSince(birth: string): boolean {
    return Number(birth) >= this.#beganAtTicks
  }

  /** Takes those that have ended out of the living, and what they had used before from whoever waited for them. */
  #settle(now: ReadonlyMap<number, CpuReading>): void {
    const ended = [...this.#living].filter(([pid, { last }]) => now.get(pid)?.birth !== last.birth)
    const lived = new Map(this.#living)
    for (const [pid] of ended) this.#living.delete(pid)
    const growths = new Map<number, number>()
    // The largest first: where only some were waited for, nothing is counted that was not used.
    for (const [, account] of ended.toSorted(([, a], [, b]) => totalS(b.last) - totalS(a.last))) {
      const holder = this.#nearestLiving(account.last.ppid, lived)
      const held = holder === null ? undefined : this.#living.get(holder)
      if (holder === null || held === undefined) {
        this.#lost.push(account)
        continue
      }
      const growthS = growths.get(holder) ?? (now.get(holder)?.childrenS ?? 0) - held.last.childrenS
      if (totalS(account.last) > growthS + STEP_ERROR_S) {
        this.#lost.push(account)
        continue
      }
      growths.set(holder, growthS - totalS(account.last))
      const broughtS = account.broughtS + (account.first === null ? 0 : totalS(account.first))
      this.#living.set(holder, { ...held, broughtS: held.broughtS + broughtS })
    }
  }

  #nearestLiving(from: number, lived: ReadonlyMap<number, Account>): number | null {
    for (let pid: number | undefined = from; pid !== undefined; pid = lived.get(pid)?.last.ppid) {
      if (this.#living.has(pid)) return pid
    }
    return null
  }
}

/** Reads the counters of a process of this machine; null when there is none of that pid, or no /proc. */
export const readCpu: ReadCpu = (pid) => {
  const entry = readProcess(pid)
  if (entry === null || entry.cpuS === null || entry.childrenCpuS === null) return null
  const { ppid, birth, childrenCpuS } = entry
  return { ppid, birth, ownS: entry.cpuS - childrenCpuS, threadsS: threadsCpuS(pid), childrenS: childrenCpuS }
}

/** Most that a difference of two sums of two counters (user and system) in steps of 10 ms can be off by, in seconds. */
const STEP_ERROR_S = 0.02

/**
 * Of the process itself the exact thread counters decide, unless threads ended in between, which shows as a difference
 * larger than the coarse counter's steps explain.
 */
function usedS({ first, last, broughtS }: Account): number {
  const ownS = last.ownS - (first?.ownS ?? 0)
  const childrenS = Math.max(0, last.childrenS - (first?.childrenS ?? 0) - broughtS)
  if (last.threadsS === null || first?.threadsS === null) return ownS + childrenS
  const threadsS = last.threadsS - (first?.threadsS ?? 0)
  return (Math.abs(ownS - threadsS) <= STEP_ERROR_S ? threadsS : ownS) + childrenS
}

function totalS({ ownS, childrenS }: CpuReading): number {
  return ownS + childrenS
}

/** Time since the machine started, in the unit of births; zero where there is no /proc. */
function ticksNow(): number {
  return Math.floor(Number.parseFloat(readText('/proc/uptime') ?? '0') * 100)
}
