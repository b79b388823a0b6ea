import { dependencyPids } from '../cluster/app-dependencies.ts'
import { descendantsOf, hostCpu, listProcesses, readProcess, threadsCpuS } from '../cluster/proc.ts'
import type { RunningServer } from '../cluster/model.ts'
import type { AppDependency, HostUsage, ProcessUsage } from '../core/records.ts'
import { timesThrottled } from './cpu-quota.ts'

/** CPU counters of one process at one instant, in seconds. */
interface ProcessReading {
  /** Dead threads and children included, but in steps of 10 ms. */
  readonly totalS: number
  /** Exact, but only for the threads alive; null where the kernel does not report it. */
  readonly threadsS: number | null
}

/** Counters of everything at one instant, read at once. */
interface HostReading {
  readonly atMs: number
  readonly processes: ReadonlyMap<number, ProcessReading>
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

/**
 * Tells our own CPU use from everyone else's. Foreign CPU = time the cores were not idle − the server's, generator's,
 * dependencies' and our own processes'. (The kernel counts busy time by sampling at each tick, idle time exactly, so
 * idle time is what we trust.)
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
   * for them costs CPU; at the two ends of the slice only their counters are read, without waiting.
   */
  async slice(server: Pick<RunningServer, 'usage'> | null): Promise<SliceMeter> {
    const usage = async (): Promise<readonly ProcessUsage[]> => (server === null ? [] : server.usage())
    const serverPids = (await usage()).map(({ pid }) => pid)
    return this.#slice(usage, serverPids, server !== null && serverPids.length === 0)
  }

  /** A meter for one slice in which everything that descends from this process is ours, whatever starts and ends in it. */
  async ownSlice(): Promise<SliceMeter> {
    const usage = (): Promise<readonly ProcessUsage[]> => Promise.resolve(ownDescendants())
    return this.#slice(
      usage,
      (await usage()).map(({ pid }) => pid),
      false,
    )
  }

  #slice(usageOf: () => Promise<readonly ProcessUsage[]>, serverPids: readonly number[], unseen: boolean): SliceMeter {
    const generators = new Set<number>()
    let begun: HostReading | null = null
    let ended: HostReading | null = null
    const dependencies = dependencyPids(this.#appDependencies, serverPids)
    const read = (): HostReading => takeReading([...serverPids, ...dependencies, ...this.#ownPids(generators)])
    return {
      generatorStarted: (pid) => generators.add(pid),
      begin: () => {
        begun = read()
      },
      end: () => {
        ended = read()
      },
      result: async () => {
        if (begun === null || ended === null) throw new Error('Expected a slice that was begun and ended.')
        const { server: usage, host } = this.#between(begun, ended, generators, await usageOf())
        return { server: usage, host: unseen ? { ...host, serverUnseen: true } : host }
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

  /** CPU of the named dependencies in cores; a process of theirs that was born during the slice spent all its CPU in it. */
  #appDependencyCores(
    begun: HostReading,
    ended: HostReading,
    usage: readonly ProcessUsage[],
    wallS: number,
  ): number | null {
    if (this.#appDependencies.length === 0) return null
    const seconds = dependencyPids(
      this.#appDependencies,
      usage.map(({ pid }) => pid),
    ).map((pid) =>
      begun.processes.has(pid)
        ? deltaS(begun.processes.get(pid), ended.processes.get(pid))
        : (readProcess(pid)?.cpuS ?? 0),
    )
    return seconds.reduce((sum, each) => sum + each, 0) / wallS
  }

  #ownPids(generators: ReadonlySet<number>): number[] {
    return [process.pid, ...this.#dependencyPids, ...generators]
  }

  #between(
    begun: HostReading,
    ended: HostReading,
    generators: ReadonlySet<number>,
    usage: readonly ProcessUsage[],
  ): SliceUsage {
    const wallS = (ended.atMs - begun.atMs) / 1000
    const cpuS = (pid: number): number => deltaS(begun.processes.get(pid), ended.processes.get(pid))
    const cores = (pids: Iterable<number>): number => [...pids].reduce((sum, pid) => sum + cpuS(pid), 0) / wallS
    const server = usage.map((process) =>
      // A process that was born during the slice has spent all its CPU in it.
      Object.assign({}, process, { cpuS: begun.processes.has(process.pid) ? cpuS(process.pid) : process.cpuS }),
    )
    const serverCores = server.reduce((sum, process) => sum + process.cpuS, 0) / wallS
    const appDependencies = this.#appDependencyCores(begun, ended, usage, wallS)
    const busyCores =
      begun.idleS === null || ended.idleS === null ? 0 : this.#cores - (ended.idleS - begun.idleS) / wallS
    return {
      server,
      host: {
        wallS,
        foreignCores: Math.max(0, busyCores - serverCores - (appDependencies ?? 0) - cores(this.#ownPids(generators))),
        ...(appDependencies === null ? {} : { appDependencyCores: appDependencies }),
        stealRatio: (ended.stealS - begun.stealS) / (wallS * this.#cores),
        generatorCores: cores(generators),
        dependencyCores: cores(this.#dependencyPids),
        throttled: begun.throttled === null || ended.throttled === null ? null : ended.throttled - begun.throttled,
      },
    }
  }
}

/** The processes below this one; their memory is nobody's question. */
function ownDescendants(): ProcessUsage[] {
  return descendantsOf([process.pid], listProcesses()).map(({ pid, cpuS }) => {
    return { name: String(pid), role: 'worker', pid, cpuS: cpuS ?? 0, rssBytes: 0, pssBytes: null }
  })
}

function takeReading(pids: readonly number[]): HostReading {
  const atMs = performance.now()
  const cpu = hostCpu()
  return {
    atMs,
    processes: readings(pids),
    idleS: cpu?.idleS ?? null,
    stealS: cpu?.stealS ?? 0,
    throttled: timesThrottled(),
  }
}

function readings(pids: readonly number[]): Map<number, ProcessReading> {
  const found = new Map<number, ProcessReading>()
  for (const pid of pids) {
    const entry = readProcess(pid)
    const totalS = entry?.cpuS ?? null
    if (totalS !== null) found.set(pid, { totalS, threadsS: threadsCpuS(pid) })
  }
  return found
}

/** Most that two readings in steps of 10 ms (user, system, and both again for children) can be off by, in seconds. */
const STEP_ERROR_S = 0.04

/**
 * CPU seconds between two readings. The exact thread counters decide unless threads or children ended in between,
 * which shows as a difference larger than the coarse counter's steps explain.
 */
function deltaS(before: ProcessReading | undefined, after: ProcessReading | undefined): number {
  if (after === undefined) return 0
  const totalS = after.totalS - (before?.totalS ?? 0)
  if (after.threadsS === null || (before !== undefined && before.threadsS === null)) return totalS
  const threadsS = after.threadsS - (before?.threadsS ?? 0)
  return Math.abs(totalS - threadsS) <= STEP_ERROR_S ? threadsS : totalS
}
