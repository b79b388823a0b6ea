import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { appendToTally, readTally, type TallyLine } from '../../store/proof-tally.ts'

const KEY = { subject: 'itself', machineId: 'm', forkwiseVersion: '1' } as const
const LINE: TallyLine = {
  ...KEY,
  schema: 'forkwise/verdict-proof@1',
  at: '2026-11-24T00:00:00.000Z',
  seed: 1,
  model: 'single',
  calls: [],
  blocksKept: 8,
  blocksDropped: 0,
  polluted: { blocks: 0, dropped: 0 },
}

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('experiments add up by subject, machine and version; a torn line is left out', () => {
  const file = join(dir, 'below', 'tally.ndjson')
  expect(readTally(file, KEY)).toEqual([])
  appendToTally(file, LINE)
  for (const other of [{ subject: 'slowed' }, { machineId: 'n' }, { forkwiseVersion: '2' }] as const) {
    appendToTally(file, { ...LINE, ...other })
  }
  appendToTally(file, { ...LINE, seed: 2 })
  appendFileSync(file, '{"schema":"forkwise/verd')
  expect(readTally(file, KEY).map(({ seed }) => seed)).toEqual([1, 2])
})
