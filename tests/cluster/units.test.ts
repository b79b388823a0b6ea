import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readUnits, topologyDifference } from '../../cluster/units.ts'
import type { Unit, UnitRole } from '../../core/unit.ts'
import { removeUnitFile, writeUnitFile } from '../../server/unit-file.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const unit = (name: string, role: UnitRole = 'worker', pid: number = process.pid): Unit => ({ name, role, pid })

describe('readUnits', () => {
  test('reads what units wrote about themselves, worker-2 before worker-10', () => {
    for (const name of ['worker-10', 'worker-2', 'primary']) writeUnitFile(dir, unit(name))
    expect(readUnits(dir).map(({ name }) => name)).toEqual(['primary', 'worker-2', 'worker-10'])
  })

  test('leaves out files of the dead, unfinished ones and foreign ones', () => {
    writeUnitFile(dir, unit('worker-1'))
    writeUnitFile(dir, unit('worker-2', 'worker', 4_000_000))
    writeFileSync(join(dir, 'units', 'worker-3.json'), '{"name":')
    writeFileSync(join(dir, 'units', 'worker-4.json.tmp'), JSON.stringify(unit('worker-4')))
    expect(readUnits(dir).map(({ name }) => name)).toEqual(['worker-1'])
  })

  test('finds nothing where nothing was written', () => {
    expect(readUnits(dir)).toEqual([])
    mkdirSync(join(dir, 'units'))
    expect(readUnits(dir)).toEqual([])
  })
})

test('a unit’s file is only removed by the process that has its name now', () => {
  writeUnitFile(dir, unit('worker-1'))
  removeUnitFile(dir, 'worker-1', process.pid + 1)
  expect(readUnits(dir)).toHaveLength(1)
  removeUnitFile(dir, 'worker-1')
  removeUnitFile(dir, 'worker-1')
  expect(readUnits(dir)).toEqual([])
})

describe('topologyDifference', () => {
  test.each([
    ['is empty when all are there', { worker: 2, supervisor: 1 }, ['supervisor', 'worker', 'worker'], []],
    ['names what is missing', { worker: 2, supervisor: 1 }, ['worker'], ['1 of 2 workers', '0 of 1 supervisor']],
    ['names what is too many', { worker: 1 }, ['worker', 'worker'], ['2 of 1 worker']],
    ['names what is not expected at all', { worker: 1 }, ['worker', 'thread'], ['1 of 0 threads']],
  ] as const)('%s', (_, topology, roles, expected) => {
    const units = roles.map((role, index) => unit(`${role}-${index}`, role))
    expect(topologyDifference(topology, units)).toEqual(expected)
  })
})
