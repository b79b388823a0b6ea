import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isResilienceFolder, readResilienceRun, ResilienceFolder } from '../../store/resilience-folder.ts'
import { faultedCell, manifestOf, RATES } from '../analysis/synthetic-resilience.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-resilience-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('what was written is read again, but for a line that the end of the run cut off', () => {
  const folder = ResilienceFolder.create(join(dir, 'run'))
  folder.writeManifest(manifestOf())
  folder.writeRates(RATES)
  folder.appendCell(faultedCell())
  appendFileSync(join(folder.dir, 'cells.ndjson'), '{"schema":"forkwise/resil')
  const run = readResilienceRun(folder.dir)
  const notes = [expect.stringContaining('The last line of cells.ndjson was cut off')]
  expect(run).toEqual({ dir: folder.dir, manifest: manifestOf(), rates: RATES, cells: [faultedCell()], notes })
  expect(isResilienceFolder(folder.dir)).toBe(true)
})

test('a folder of the first version is read in the words of today', () => {
  const { plan, faults, ...manifest } = manifestOf()
  const { baselineS, ...kept } = plan
  const { baseline, injection, faulted, ...cell } = faultedCell({ fault: 'stop' })
  writeFileSync(
    join(dir, 'manifest.json'),
    JSON.stringify({
      ...manifest,
      schema: 'forkwise/resilience-manifest@1',
      plan: { ...kept, faults: ['kill', 'stop', 'memory'], undisturbedS: baselineS },
      faults: [
        { ...faults[0], id: 'stop', recoveryFrom: 'strike' },
        { ...faults[0], id: 'memory', recoveryFrom: null },
      ],
      notOffered: [{ model: 'single', fault: 'memory', reason: 'nobody counts' }],
    }),
  )
  const first = { ...cell, schema: 'forkwise/resilience-cell@1' }
  const lines = [
    { ...first, outcome: 'struck', undisturbed: baseline, strike: injection, struck: faulted },
    {
      schema: first.schema,
      outcome: 'failed',
      model: 'cluster',
      fault: 'memory',
      repeat: 1,
      seed: 1,
      error: { code: 'START_FAILED', message: 'no' },
    },
  ]
  writeFileSync(join(dir, 'cells.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const run = readResilienceRun(dir)
  expect(run.manifest).toMatchObject({
    schema: 'forkwise/resilience-manifest@2',
    plan: { faults: ['kill', 'freeze', 'leak'], baselineS },
    faults: [
      { id: 'freeze', recoveryFrom: 'injection' },
      { id: 'leak', recoveryFrom: null },
    ],
    notOffered: [{ fault: 'leak' }],
  })
  expect(run.cells).toEqual([
    faultedCell({ fault: 'freeze' }),
    expect.objectContaining({ schema: 'forkwise/resilience-cell@2', outcome: 'failed', fault: 'leak' }),
  ])
})

test('another version is refused with what to do', () => {
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ schema: 'forkwise/resilience-manifest@9' }))
  expect(() => readResilienceRun(dir)).toThrow(
    /"forkwise\/resilience-manifest@2", got "forkwise\/resilience-manifest@9"/,
  )
})
