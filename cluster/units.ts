import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listFolder } from '../core/folders.ts'
import type { Unit, UnitRecord, UnitRole } from '../core/unit.ts'
import type { Topology } from './model.ts'
import { readProcess } from './proc.ts'

/** Reads the files that the units of a launch wrote about themselves, by name; those of dead processes are left out. */
export function readUnits(launchDir: string): UnitRecord[] {
  const folder = join(launchDir, 'units')
  return listFolder(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => readUnit(join(folder, file)))
    .filter((unit) => lives(unit.pid))
    .sort((a, b) => byName.compare(a.name, b.name))
}

/** Waits until as many workers as wanted have written their files, and gives them. Throws the signal's reason. */
export async function untilWorkers(launchDir: string, count: number, signal: AbortSignal): Promise<UnitRecord[]> {
  for (;;) {
    signal.throwIfAborted()
    const workers = readUnits(launchDir).filter(({ role }) => role === 'worker')
    if (workers.length === count) return workers
    await sleep(10)
  }
}

/** How many units there are of each role. */
export function countByRole(units: readonly Unit[]): Map<UnitRole, number> {
  const counts = new Map<UnitRole, number>()
  for (const unit of units) counts.set(unit.role, (counts.get(unit.role) ?? 0) + 1)
  return counts
}

/** What the topology wants and the units are not, in words; empty when they match. */
export function topologyDifference(topology: Topology, units: readonly Unit[]): string[] {
  const counts = countByRole(units)
  const roles = new Set([...(Object.keys(topology) as UnitRole[]), ...counts.keys()])
  return [...roles].flatMap((role) => {
    const [wanted, got] = [topology[role] ?? 0, counts.get(role) ?? 0]
    return wanted === got ? [] : [`${got} of ${wanted} ${role}${wanted === 1 ? '' : 's'}`]
  })
}

/** Sorts worker-2 before worker-10. */
const byName = new Intl.Collator('en', { numeric: true })

function readUnit(path: string): UnitRecord[] {
  try {
    return [JSON.parse(readFileSync(path, 'utf8')) as UnitRecord]
  } catch {
    // Removed since the folder was listed; never half-written, since units rename their files into place.
    return []
  }
}

function lives(pid: number): boolean {
  const entry = readProcess(pid)
  return entry !== null && !entry.zombie
}
