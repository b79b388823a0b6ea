import { cpuList } from '../core/cores.ts'
import { type CpuTopology, type PhysicalCore, readCpuTopology } from './cpu-topology.ts'
import type { TrialSettings } from './trial-context.ts'

/** Physical cores from which on the generator gets some of its own. */
const LEAST_CORES = 4

/**
 * Whole physical cores for generator and server: the generator gets a quarter of them, at least one, the server the rest.
 * On a hybrid processor the server gets performance cores alone, and the generator efficiency cores if there are enough of
 * them. Null where they share all that there is: with fewer than four cores, or a CPU quota of less than four.
 */
export function placementFor({ cores, quotaCores }: CpuTopology): TrialSettings['placement'] {
  if (Math.min(cores.length, Math.floor(quotaCores ?? Infinity)) < LEAST_CORES) return null
  const fast = cores.filter(({ kind }) => kind === 'performance')
  const slow = cores.filter(({ kind }) => kind === 'efficiency')
  if (slow.length > 0 && fast.length >= 2 && slow.length >= quarterOf(fast.length + slow.length)) {
    return { generator: cpusOf(slow), server: cpusOf(fast) }
  }
  const usable = fast.length >= LEAST_CORES ? fast : cores
  const forGenerator = quarterOf(usable.length)
  return { generator: cpusOf(usable.slice(0, forGenerator)), server: cpusOf(usable.slice(forGenerator)) }
}

/** What this process may use and how it is shared out, in one sentence for people. */
export function placementText(topology: CpuTopology, placement: TrialSettings['placement']): string {
  const { cores, quotaCores } = topology
  const all = cpusOf(cores)
  const threads = all.length > cores.length ? `, ${cores.length} physical core${cores.length === 1 ? '' : 's'}` : ''
  const quota = quotaCores === null ? '' : `; a CPU quota allows ${Number(quotaCores.toFixed(2))}`
  if (placement === null) {
    return `Generator and server share ${cpuText(all)}${threads}${quota}.`
  }
  const nodes = new Set(cores.map(({ node }) => node)).size
  const where = nodes > 1 ? `, on ${nodes} NUMA nodes` : ''
  return `The generator has ${cpuText(placement.generator)}, the server ${cpuText(placement.server)}${threads}${where}${quota}.`
}

/**
 * Workers that a server has CPUs for: all that this process may use, or its own share where the generator has some to
 * itself; no more than a CPU quota allows, and at least one.
 */
export function serverCores(topology: CpuTopology = readCpuTopology()): number {
  const placement = placementFor(topology)
  const cpus = placement === null ? cpusOf(topology.cores).length : placement.server.length
  return Math.max(1, Math.min(cpus, Math.floor(topology.quotaCores ?? Infinity)))
}

function quarterOf(cores: number): number {
  return Math.max(1, Math.floor(cores / 4))
}

function cpusOf(cores: readonly PhysicalCore[]): number[] {
  return cores.flatMap(({ cpus }) => cpus).sort((a, b) => a - b)
}

function cpuText(cpus: readonly number[]): string {
  return `CPU${cpus.length === 1 ? '' : 's'} ${cpuList(cpus)}`
}
