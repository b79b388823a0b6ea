import type { SaturationEvidence } from '../core/capacity.ts'
import type { Bottleneck, ProcessUsage, SliceRecord } from '../core/records.ts'
import { significant } from '../core/quantities.ts'

/** What is known about a saturation slice when its limit is looked for. */
export interface BottleneckEvidence extends SaturationEvidence {
  readonly cores: number
  /** CPUs that the server has to itself; null or absent where it shares all of them with the generator. */
  readonly serverCpus?: number | null
  /** Median latency in ms, and what an unloaded request takes at least. */
  readonly p50Ms: number | null
  readonly floorMs: number | null
  /** Workers (processes or pool threads) that the model has. */
  readonly workers: number
  /** Requests that the model can handle at the same time; absent or null where nothing bounds them. */
  readonly concurrency?: number | null
  /** Answers per second. */
  readonly ratePerS?: number
}

/** What the evidence of a saturation slice needs besides the slice. */
export interface SaturatedServer {
  readonly cores: number
  /** CPUs that it has to itself; null where it shares all of them with the generator. */
  readonly serverCpus: number | null
  readonly workers: number
  /** Requests that it can handle at the same time; null where nothing bounds them. */
  readonly concurrency: number | null
  /** Median latency of a request that need not queue, in ms; null where none was measured. */
  readonly floorMs: number | null
}

/** From this busy share on, a process that has one event loop counts as full: garbage collection takes the rest. */
const FULL = 0.9

/** From this share of its concurrency on, a model counts as full: between two requests a slot is free for a moment. */
const SLOTS_FULL = 0.8

/** Below this busy share of all cores, and of the workers, CPU is no reason to wait. */
const IDLE = 0.8

/** From this multiple of what a request takes by itself on, it waits for something most of its time. */
const WAITING = 1.5

/** From this busy share of all cores on, the machine counts as full. */
const MACHINE_FULL = 0.93

/** What limited a saturation slice, by all that was measured of it: the one way from a slice to its bottleneck. */
export function bottleneckOf(slice: SliceRecord, saturated: SaturatedServer): Bottleneck {
  const { latencyMs, achievedRatePerS: ratePerS } = slice.load
  return findBottleneck({ ...saturated, ...saturationEvidence(slice), p50Ms: latencyMs.p50, ratePerS })
}

/** What was used during a slice, from which its bottleneck is found. */
export function saturationEvidence({ load, server, host }: SliceRecord): SaturationEvidence {
  return {
    wallS: host.wallS,
    server,
    host,
    generatorUtilization: load.generator.eventLoopUtilization,
    connections: load.load.kind === 'closed' ? load.load.connections : 0,
  }
}

/**
 * Names what limited a closed loop, with the evidence: the first of generator, supervisor or proxy, workers, dependency
 * and machine that was full; what the app itself calls where it uses one core, as a single thread does; else the workers when all their request slots were taken by waiting requests; else the
 * number of connections when latency is near its floor (Little's law then bounds
 * the rate by connections / latency); else unknown.
 */
export function findBottleneck(evidence: BottleneckEvidence): Bottleneck {
  const { host, server, wallS, cores } = evidence
  const coresOf = (role: ProcessUsage['role']): number[] =>
    server.filter((process) => process.role === role).map((process) => process.cpuS / wallS)
  const serverCores = server.reduce((sum, process) => sum + process.cpuS / wallS, 0)
  const busyCores =
    serverCores + host.generatorCores + host.dependencyCores + (host.appDependencyCores ?? 0) + host.foreignCores
  const machine = `${significant(busyCores)} of ${cores} cores busy (${host.serverUnseen === true ? `server and others ${significant(host.foreignCores)}` : `server ${significant(serverCores)}`}, generator ${significant(host.generatorCores)}${host.dependencyCores > 0.01 ? `, dependency ${significant(host.dependencyCores)}` : ''}${(host.appDependencyCores ?? 0) > 0.01 ? `, what the app calls ${significant(host.appDependencyCores ?? 0)}` : ''})`
  const workerCores = coresOf('worker').reduce((sum, share) => sum + share, 0)
  const workerLimit = Math.max(1, evidence.workers)
  const serverCpus = evidence.serverCpus ?? cores

  if (workerCores >= FULL * workerLimit && workerLimit < serverCpus) {
    return {
      limit: 'workers',
      because: `${workerLimit === 1 ? 'the one worker was' : `all ${workerLimit} workers were`} busy (${significant(workerCores)} cores); ${machine}`,
    }
  }
  const proxy = Math.max(0, ...coresOf('proxy'))
  if (proxy >= FULL) return { limit: 'proxy', because: `the proxy used ${significant(proxy)} cores; ${machine}` }
  const supervisor = Math.max(0, ...coresOf('supervisor'))
  if (supervisor >= FULL) {
    return { limit: 'supervisor', because: `the supervisor used ${significant(supervisor)} cores; ${machine}` }
  }
  if (serverCpus < cores && serverCores >= MACHINE_FULL * serverCpus) {
    return { limit: 'machine', because: `all ${serverCpus} CPUs that the server has were busy; ${machine}` }
  }
  if (busyCores >= MACHINE_FULL * cores) {
    return { limit: 'machine', because: `${machine}, generator and dependency included` }
  }
  if (evidence.generatorUtilization >= FULL) {
    return {
      limit: 'generator',
      because: `the generator's event loop was ${Math.round(evidence.generatorUtilization * 100)} % busy; ${machine}`,
    }
  }
  if (host.dependencyCores >= FULL) {
    return {
      limit: 'dependency',
      because: `the dependency used ${significant(host.dependencyCores)} cores; ${machine}`,
    }
  }
  if (workerCores >= FULL * workerLimit) {
    return { limit: 'workers', because: `the workers used ${significant(workerCores)} cores; ${machine}` }
  }
  const { p50Ms, floorMs } = evidence
  const { concurrency = null, ratePerS = 0 } = evidence
  // Little's law: each request held its slot for as long as it takes where it need not queue.
  const taken = floorMs === null ? 0 : (ratePerS * floorMs) / 1000
  if (
    concurrency !== null &&
    floorMs !== null &&
    evidence.connections > concurrency &&
    taken >= SLOTS_FULL * concurrency
  ) {
    return {
      limit: 'workers',
      because: `all ${concurrency} request slots were taken: ${significant(ratePerS)}/s of ${significant(floorMs)} ms each; ${machine}`,
    }
  }
  if (p50Ms !== null && floorMs !== null && p50Ms <= floorMs * 1.25) {
    return {
      limit: 'connections',
      because: `median latency ${significant(p50Ms)} ms is near the least possible ${significant(floorMs)} ms: ${evidence.connections} connections cannot ask for more; ${machine}`,
    }
  }
  const called = host.appDependencyCores ?? 0
  if (called >= FULL && called < 1 / FULL) {
    return {
      limit: 'dependency',
      because: `what the app calls used ${significant(called)} cores, all that one thread can: make that faster, or give it more processes, before the app; ${machine}`,
    }
  }
  const waiting = concurrency !== null ? null : insideTheApp(evidence, { busyCores, serverCores, workerCores, taken })
  if (waiting !== null) return { limit: 'app', because: `${waiting}; ${machine}` }
  return { limit: 'unknown', because: `nothing was full: ${machine}` }
}

/**
 * What speaks for a limit inside the app: CPU is idle, and yet requests wait most of their time. By Little's law the rate
 * times what a request takes by itself is how many were worked on at once: the slots of whatever they wait for. Null
 * where that cannot be said.
 */
function insideTheApp(
  { cores, serverCpus, workers, p50Ms, floorMs, connections, ratePerS = 0 }: BottleneckEvidence,
  busy: { busyCores: number; serverCores: number; workerCores: number; taken: number },
): string | null {
  const { busyCores, serverCores, workerCores, taken } = busy
  if (p50Ms === null || floorMs === null || floorMs <= 0 || p50Ms < WAITING * floorMs) return null
  if (busyCores >= IDLE * cores || serverCores >= IDLE * (serverCpus ?? cores)) return null
  if (workerCores >= IDLE * Math.max(1, workers) || !(taken > 0)) return null
  const each = workers > 1 ? `, ${significant(taken / workers)} for each worker` : ''
  return (
    `requests waited for something that is not CPU: with ${connections} connections they take ${significant(p50Ms)} ms, by themselves ${significant(floorMs)} ms, ` +
    `so that about ${significant(taken)} were worked on at once${each} (${significant(ratePerS)}/s × ${significant(floorMs)} ms). ` +
    'A pool of that size in the app (connections to a database, say), a lock, or what it calls is the likely limit: enlarge that before you add processes'
  )
}
