import { dependencyPids } from '../cluster/app-dependencies.ts'
import { hostCpu, readProcess } from '../cluster/proc.ts'
import type { RunningServer } from '../cluster/model.ts'
import type { AppDependency, HostUsage, ProcessUsage } from '../core/records.ts'
import { CpuLedger } from './cpu-ledger.ts'
import { timesThrottled } from './cpu-quota.ts'
import { CHILDREN_KNOWN, ProcessFamily } from './process-family.ts'

/** Counters of the machine at one instant. */
interface HostReading {
  readonly atMs: number
  /** Null where the kernel does not report it: nothing can be said of others then. */
  readonly idleS: number | null
  readonly stealS: number
  readonly throttled: number | null
}

/** What server and machine did between the two ends of a slice. */
export interface SliceUsage {
  /** CPU of the slice, memory at its end. */
  readonly server: readonly ProcessUsage[]
  readonly host: HostUsage
}

/** Measures one slice: `begin` and `end` at the instants the generator names, then `result`. */
export interface SliceMeter {
  generatorStarted(pid: number): void
  begin(): void
  end(): void
  /** Throws when the slice was never begun or ended. */
  result(): Promise<SliceUsage>
}

/** Meters the machine: {@link HostMeter}, or a scripted one in tests. */
export type Host = Pick<HostMeter, 'slice' | 'foreignCores'>

/** How often the processes below this one are looked at while what they do is measured, in ms. */
const LOOK_MS = 200

/** Whose CPU counts as ours in a slice. */
interface Ours {
  /** Processes whose children belong to the slice too. */
  readonly roots: readonly number[]
  /** The server's processes now; null where nothing is to be said of them. */
  readonly usage: (() => Promise<readonly ProcessUsage[]>) | null
  readonly unseen: boolean
  /** Ms between two looks in the slice; null = at its two ends alone. */
  readonly lookMs: number | null
}

/**
 * Tells our own CPU use from everyone else's. Foreign CPU = time the cores were not idle − the server's, generator's,
 * dependencies' and our own processes', those included that ended meanwhile ({@link CpuLedger}). (The kernel counts busy time
 * by sampling at each tick, idle time exactly, so idle time is what we trust.)
 */
export class HostMeter {
  readonly #cores: number
  readonly #dependencyPids: readonly number[]
  readonly #appDependencies: readonly AppDependency[]

  /** `dependencyPids` are of the process that the built-in app calls, `appDependencies` what a user's own app calls. */
  constructor(cores: number, dependencyPids: readonly number[], appDependencies: readonly AppDependency[] = []) {
    this.#cores = cores
    this.#dependencyPids = dependencyPids
    this.#appDependencies = appDependencies
  }

  /**
   * A meter for one slice of one server; null for no server. The server's processes are looked up now, since searching
   * for them costs CPU; at the two ends of the slice only their counters and their children's are read, without waiting.
   */
  async slice(server: Pick<RunningServer, 'usage'> | null): Promise<SliceMeter> {
    const usage = async (): Promise<readonly ProcessUsage[]> => (server === null ? [] : server.usage())
    const roots = (await usage()).map(({ pid }) => pid)
    return this.#slice({ roots, usage, unseen: server !== null && roots.length === 0, lookMs: null })
  }

  /**
   * A meter for one slice in which everything that descends from this process is ours, whatever starts and ends in it. It
   * is looked at again and again, since of a process whose parent died before it nobody else keeps the account.
   */
  ownSlice(): Promise<SliceMeter> {
    return Promise.resolve(this.#slice({ roots: [process.pid], usage: null, unseen: false, lookMs: LOOK_MS }))
  }

  #slice({ roots, usage, unseen, lookMs }: Ours): SliceMeter {
    const generators = new Set<number>()
    const server = new ProcessFamily(roots)
    const named = new ProcessFamily(dependencyPids(this.#appDependencies, roots))
    const ours = new CpuLedger()
    const theirs = new CpuLedger()
    let begun: HostReading | null = null
    let ended: HostReading | null = null
    let timer: NodeJS.Timeout | null = null
    const look = (): HostReading => {
      const [serverPids, namedPids] = [server.living(), named.living()]
      const atMs = performance.now()
      ours.look([...serverPids, process.pid, ...this.#dependencyPids, ...generators])
      theirs.look(namedPids)
      return { atMs, ...readHost() }
    }
    return {
      generatorStarted: (pid) => generators.add(pid),
      begin: () => {
        begun = look()
        if (lookMs !== null && CHILDREN_KNOWN) timer = setInterval(look, lookMs).unref()
      },
      end: () => {
        if (timer !== null) clearInterval(timer)
        ended = look()
      },
      result: async () => {
        if (begun === null || ended === null) throw new Error('Expected a slice that was begun and ended.')
        const listed = usage === null ? [] : await usage()
        return this.#between(begun, ended, { ours, theirs, generators, listed, unseen })
      },
    }
  }

  /** Foreign CPU over the next `durationS` seconds, in cores, with nothing of ours running but this process. */
  async foreignCores(durationS: number): Promise<number> {
    const meter = await this.slice(null)
    meter.begin()
    await new Promise((resolve) => setTimeout(resolve, durationS * 1000))
    meter.end()
    return (await meter.result()).host.foreignCores
  }

  #between(begun: HostReading, ended: HostReading, { ours, theirs, generators, listed, unseen }: Accounts): SliceUsage {
    const wallS = (ended.atMs - begun.atMs) / 1000
    const used = ours.used()
    const cores = (pids: Iterable<number>): number => sumOf([...pids].map((pid) => used.get(pid) ?? 0)) / wallS
    const server = listed.map((process) =>
      Object.assign({}, process, { cpuS: used.get(process.pid) ?? usedSinceBirthS(process.pid, ours) }),
    )
    const unlisted = server.filter(({ pid }) => !used.has(pid))
    const oursS = sumOf([...used.values(), ours.lostS(), ...unlisted.map(({ cpuS }) => cpuS)])
    const namedCores =
      this.#appDependencies.length === 0
        ? null
        : this.#namedS(
            theirs,
            listed.map(({ pid }) => pid),
          ) / wallS
    const busyCores =
      begun.idleS === null || ended.idleS === null ? 0 : this.#cores - (ended.idleS - begun.idleS) / wallS
    return {
      server,
      host: {
        wallS,
        foreignCores: Math.max(0, busyCores - oursS / wallS - (namedCores ?? 0)),
        ...(namedCores === null ? {} : { appDependencyCores: namedCores }),
        stealRatio: (ended.stealS - begun.stealS) / (wallS * this.#cores),
        generatorCores: cores(generators),
        dependencyCores: cores(this.#dependencyPids),
        throttled: begun.throttled === null || ended.throttled === null ? null : ended.throttled - begun.throttled,
        ...(unseen ? { serverUnseen: true } : {}),
      },
    }
  }

  /** CPU seconds of the named dependencies, those that were started again included. */
  #namedS(theirs: CpuLedger, serverPids: readonly number[]): number {
    const used = theirs.used()
    const since = dependencyPids(this.#appDependencies, serverPids).filter((pid) => !used.has(pid))
    return sumOf([...used.values(), theirs.lostS(), ...since.map((pid) => usedSinceBirthS(pid, theirs))])
  }
}

/** What is known of a slice that has ended. */
interface Accounts {
  readonly ours: CpuLedger
  readonly theirs: CpuLedger
  readonly generators: ReadonlySet<number>
  readonly listed: readonly ProcessUsage[]
  readonly unseen: boolean
}

/** CPU of a process that was not looked at: all of it where it was born in the slice, none where it is older. */
function usedSinceBirthS(pid: number, ledger: CpuLedger): number {
  const entry = readProcess(pid)
  return entry !== null && ledger.isBornSince(entry.birth) ? (entry.cpuS ?? 0) : 0
}

function readHost(): Omit<HostReading, 'atMs'> {
  const cpu = hostCpu()
  return { idleS: cpu?.idleS ?? null, stealS: cpu?.stealS ?? 0, throttled: timesThrottled() }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0)
}
