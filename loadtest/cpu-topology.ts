import os from 'node:os'
import { allowedCpus, cpusIn } from '../core/cores.ts'
import { type ReadText, readText } from '../core/read-text.ts'
import { cpuQuotaCores } from './cpu-quota.ts'

/** One physical core, as far as this process may use it. */
export interface PhysicalCore {
  /** Its hardware threads that this process may run on, ascending. */
  readonly cpus: readonly number[]
  /** NUMA node. */
  readonly node: number
  /** Hybrid processors have performance cores and slower efficiency cores. */
  readonly kind: 'performance' | 'efficiency'
}

/** What this process may use of the machine's processors. */
export interface CpuTopology {
  /** In the order of nodes, then of CPU numbers. */
  readonly cores: readonly PhysicalCore[]
  /** CPUs' worth of time that control groups allow, e.g. 1.5; null for no limit. */
  readonly quotaCores: number | null
}

/** A core whose capacity is below this share of the best one's is an efficiency core. */
const EFFICIENCY_SHARE = 0.8

/**
 * Reads the topology: the affinity mask (which a cpuset narrows), which hardware threads share a core, NUMA nodes, the
 * kinds of cores of hybrid processors, and the CPU quota of control groups. Where the kernel does not report it, every CPU
 * is a core of its own.
 */
export function readCpuTopology(read: ReadText = readText): CpuTopology {
  const allowed = allowedCpus(read) ?? Array.from({ length: os.availableParallelism() }, (_, cpu) => cpu)
  const nodes = nodesOf(read)
  const efficient = efficiencyCpus(allowed, read)
  const cores = new Map<number, { cpus: number[]; node: number; kind: PhysicalCore['kind'] }>()
  for (const cpu of allowed) {
    const [first = cpu] = siblingsOf(cpu, read)
    const core = cores.get(first) ?? {
      cpus: [],
      node: nodes.get(cpu) ?? 0,
      kind: efficient.has(cpu) ? ('efficiency' as const) : ('performance' as const),
    }
    core.cpus.push(cpu)
    cores.set(first, core)
  }
  return {
    cores: [...cores.values()].sort((a, b) => a.node - b.node || (a.cpus[0] ?? 0) - (b.cpus[0] ?? 0)),
    quotaCores: cpuQuotaCores(read),
  }
}

/** A topology of that many cores, with one thread each and without a quota. */
export function plainTopology(cores: number): CpuTopology {
  return {
    cores: Array.from({ length: cores }, (_, cpu) => ({ cpus: [cpu], node: 0, kind: 'performance' as const })),
    quotaCores: null,
  }
}

function siblingsOf(cpu: number, read: ReadText): readonly number[] {
  const folder = `/sys/devices/system/cpu/cpu${cpu}/topology`
  const list = read(`${folder}/thread_siblings_list`) ?? read(`${folder}/core_cpus_list`)
  return list === null || list.trim() === '' ? [cpu] : cpusIn(list)
}

function nodesOf(read: ReadText): ReadonlyMap<number, number> {
  const nodes = new Map<number, number>()
  for (const node of cpusIn(read('/sys/devices/system/node/online') ?? '')) {
    for (const cpu of cpusIn(read(`/sys/devices/system/node/node${node}/cpulist`) ?? '')) nodes.set(cpu, node)
  }
  return nodes
}

/** Intel lists its efficiency cores; elsewhere a core's capacity shows it. */
function efficiencyCpus(allowed: readonly number[], read: ReadText): ReadonlySet<number> {
  const atoms = read('/sys/devices/cpu_atom/cpus')
  if (atoms !== null) return new Set(cpusIn(atoms))
  const capacities = new Map(
    allowed.map((cpu) => [cpu, Number(read(`/sys/devices/system/cpu/cpu${cpu}/cpu_capacity`) ?? Number.NaN)]),
  )
  const most = Math.max(...[...capacities.values()].filter((capacity) => !Number.isNaN(capacity)))
  return new Set(allowed.filter((cpu) => (capacities.get(cpu) ?? Number.NaN) < EFFICIENCY_SHARE * most))
}
