import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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

/** Says that a unit has left service. Nothing happens when it never was in service or the launch is over. */
export function removeUnitFile(launchDir: string, unitName: string): void {
  rmSync(join(launchDir, 'units', `${unitName}.json`), { force: true })
}
