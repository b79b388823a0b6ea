import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Unit, UnitRecord } from '../core/unit.ts'

/** Says that a unit is in service: writes its record beside the others of the launch, whole or not at all. */
export function writeUnitFile(launchDir: string, unit: Unit): void {
  const folder = join(launchDir, 'units')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${unit.name}.json`)
  const record: UnitRecord = { ...unit, readyAtMs: Date.now() }
  writeFileSync(`${file}.tmp`, `${JSON.stringify(record)}\n`)
  renameSync(`${file}.tmp`, file)
}

/**
 * Says that a unit has left service. Nothing happens when it never was in service, when the launch is over, or when
 * another process (not `pid`) has its name by now: a supervisor starts the successor before its predecessor leaves.
 */
export function removeUnitFile(launchDir: string, unitName: string, pid: number = process.pid): void {
  const file = join(launchDir, 'units', `${unitName}.json`)
  try {
    const unit = JSON.parse(readFileSync(file, 'utf8')) as Unit
    if (unit.pid === pid) rmSync(file, { force: true })
  } catch {
    // Never written, or gone already.
  }
}
