import type { ProcessUsage } from '../core/records.ts'
import type { Unit, UnitRole } from '../core/unit.ts'
import type { RecordedProcess } from './owned-launch.ts'
import { memoryOf, type ProcessEntry } from './proc.ts'

/**
 * CPU seconds since each process began (dead children included) and memory of the given processes, each named after
 * its unit, else after the process that was recorded for it, else after its nearest ancestor that has a name
 * (`worker-1/4711`). Empty where there is no /proc.
 */
export function usageOf(
  processes: readonly ProcessEntry[],
  units: readonly Unit[],
  recorded: readonly RecordedProcess[],
): ProcessUsage[] {
  const parents = new Map(processes.map((entry) => [entry.pid, entry.ppid]))
  const named = new Map<number, Named>()
  for (const { pid, name, role } of recorded) named.set(pid, { name, role })
  for (const { pid, name, role, thread } of units) if (thread === undefined) named.set(pid, { name, role })
  return processes.flatMap((entry) => {
    const memory = memoryOf(entry.pid)
    if (entry.cpuS === null || !memory) return []
    return [{ ...nameOf(entry.pid, parents, named), pid: entry.pid, cpuS: entry.cpuS, ...memory }]
  })
}

interface Named {
  readonly name: string
  readonly role: UnitRole
}

function nameOf(pid: number, parents: ReadonlyMap<number, number>, named: ReadonlyMap<number, Named>): Named {
  const own = named.get(pid)
  if (own) return own
  for (let above = parents.get(pid); above !== undefined; above = parents.get(above)) {
    const ancestor = named.get(above)
    if (ancestor) return { name: `${ancestor.name}/${pid}`, role: ancestor.role }
  }
  return { name: String(pid), role: 'worker' }
}
