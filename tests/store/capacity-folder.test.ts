import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CapacityMeasurement, MeasuredSaturation } from '../../core/capacity.ts'
import type { ForkwiseError } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { CapacityFolder, readCapacityRecord, readMeasurements } from '../../store/capacity-folder.ts'
import type { CapacityManifest, FinishedSearch, TriedCount } from '../../store/capacity-record.ts'
import { readCapacityFindings } from '../../store/capacity-results.ts'
import { isComplete, kindOfFolder } from '../../store/folder-kind.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-capacity-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const MANIFEST: CapacityManifest = {
  schema: 'forkwise/capacity-manifest@1',
  id: 'run',
  createdAt: '2026-11-26T00:00:00.000Z',
  forkwiseVersion: '0.2.0',
  experiment: 'scale',
  machine: machineFacts(),
  options: { models: ['cluster'], blocks: 2, seed: 1 },
}

const SATURATION: MeasuredSaturation = {
  block: 1,
  workers: 2,
  throughputPerS: 100,
  cpuMsPerRequest: 10,
  generatorCores: 0,
  limit: 'workers',
  because: '',
  p50Ms: 1,
  p99Ms: 2,
  disturbed: [],
}

const MEASUREMENT: CapacityMeasurement = {
  schema: 'forkwise/capacity-measurement@1',
  model: 'cluster',
  workload: 'cpu',
  routing: 'round-robin-connections',
  executor: 'inline',
  threads: 1,
  fixedSize: false,
  machine: { id: 'm', cpu: 'c', cores: 2, node: 'v20' },
  connections: null,
  routes: [],
  saturations: [SATURATION],
  rates: [],
  dependencyPerS: null,
}

test('a measurement is kept in place of the one before it, and read back', () => {
  const folder = CapacityFolder.create(join(dir, 'run'), MANIFEST)
  folder.keep({ ...MEASUREMENT, saturations: [] })
  folder.keep(MEASUREMENT)
  expect(readdirSync(folder.dir)).toEqual(['manifest.json', 'measurement-cluster-cpu.json'])
  expect(readMeasurements([folder.dir])).toEqual([MEASUREMENT])
})

test('measurements of the same thing from two folders are put together, their blocks told apart', () => {
  const [a, b] = [CapacityFolder.create(join(dir, 'a'), MANIFEST), CapacityFolder.create(join(dir, 'b'), MANIFEST)]
  a.keep(MEASUREMENT)
  b.keep({ ...MEASUREMENT, saturations: [{ ...SATURATION, throughputPerS: 110 }], dependencyPerS: 9 })
  b.keep({ ...MEASUREMENT, model: 'single' })
  const [cluster, single] = readMeasurements([a.dir, b.dir])
  expect(cluster?.saturations.map(({ block, throughputPerS }) => [block, throughputPerS])).toEqual([
    [1, 100],
    [2, 110],
  ])
  expect(cluster?.dependencyPerS).toBe(9)
  expect(single?.model).toBe('single')
})

test('a folder that holds something is not written into', () => {
  writeFileSync(join(dir, 'other'), '')
  expect(() => CapacityFolder.create(dir, MANIFEST)).toThrow('`--out` to be a new or empty folder')
})

test('all folders that cannot be read are reported at once, with what to do', () => {
  const empty = join(dir, 'empty')
  const foreign = join(dir, 'foreign')
  const damaged = join(dir, 'damaged')
  const comparison = join(dir, 'comparison')
  for (const each of [empty, foreign, damaged, comparison]) mkdirSync(each)
  writeFileSync(join(foreign, 'measurement-x-y.json'), '{"schema":"other@1"}')
  writeFileSync(join(damaged, 'measurement-x-y.json'), '{"schema":')
  writeFileSync(join(comparison, 'manifest.json'), '{"schema":"forkwise/manifest@2"}')
  try {
    readMeasurements([empty, foreign, damaged, comparison, join(dir, 'missing')])
    expect.unreachable()
  } catch (error) {
    const { code, problems } = error as ForkwiseError
    expect(code).toBe('RESULT_INVALID')
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('which holds none'),
      expect.stringContaining('got "other@1"'),
      expect.stringContaining('to be JSON'),
      expect.stringContaining('a comparison. It has one worker count and one rate'),
      expect.stringContaining('does not exist'),
    ])
    expect(problems[0]?.hint).toContain('forkwise capacity')
  }
})

test('a folder without measurements is removed if the run made it, and left if it was there before', () => {
  const made = CapacityFolder.create(join(dir, 'made'), MANIFEST)
  expect(made.discardEmpty()).toBe(true)
  expect(made.discardEmpty()).toBe(true)
  mkdirSync(join(dir, 'given'))
  expect(CapacityFolder.create(join(dir, 'given'), MANIFEST).discardEmpty()).toBe(true)
  const used = CapacityFolder.create(join(dir, 'used'), MANIFEST)
  used.keep(MEASUREMENT)
  expect(used.discardEmpty()).toBe(false)
  expect(readdirSync(dir).sort()).toEqual(['given', 'used'])
})

const SEARCH: FinishedSearch = {
  schema: 'forkwise/search@1',
  model: 'cluster',
  workload: 'cpu',
  workers: 2,
  objective: 'p99<50ms',
  result: {
    passedPerS: 90,
    failedPerS: null,
    ended: 'above-highest',
    exact: false,
    steps: [{ ratePerS: 90, durationS: 2, trial: { passed: true, missed: [] } }],
    tookS: 9,
  },
}

const COUNT: TriedCount = {
  schema: 'forkwise/count@1',
  number: 3,
  row: { routing: 'one', ratePerS: 9, objective: 'p99<50ms', planned: null, needed: 2, verdict: 'no plan' },
}

test('what a run had finished is read back, but for a line that was cut off', () => {
  const folder = CapacityFolder.create(join(dir, 'run'), MANIFEST)
  folder.keep(MEASUREMENT)
  folder.appendSearch(SEARCH)
  folder.appendCount(COUNT)
  appendFileSync(join(folder.dir, 'counts.ndjson'), '{"schema":"forkwise/cou')
  expect(kindOfFolder(folder.dir)).toBe('capacity')
  expect(isComplete(folder.dir)).toBe(false)
  const expected = { dir: folder.dir, manifest: MANIFEST, measurements: [MEASUREMENT], searches: [SEARCH] }
  expect(readCapacityRecord(folder.dir)).toMatchObject({ ...expected, counts: [COUNT] })
  CapacityFolder.open(folder.dir).appendCount({ ...COUNT, number: 4 })
  expect(readCapacityRecord(folder.dir).counts.map(({ number }) => number)).toEqual([3, 4])
  expect(() => readCapacityFindings(folder.dir)).toThrow('1 measurement of a run that stopped before it')
})

test('a folder that is no run to go on with is refused, with what it is', () => {
  mkdirSync(join(dir, 'comparison'))
  writeFileSync(join(dir, 'comparison/manifest.json'), '{"schema":"forkwise/manifest@2"}')
  expect(() => readCapacityRecord(join(dir, 'comparison'))).toThrow('a run of another kind (comparison)')
  mkdirSync(join(dir, 'old'))
  expect(() => readCapacityRecord(join(dir, 'old'))).toThrow('without one')
  const folder = CapacityFolder.create(join(dir, 'changed'), MANIFEST)
  folder.appendSearch(SEARCH)
  const path = join(folder.dir, 'searches.ndjson')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"passedPerS":90', '"passedPerS":91'))
  expect(() => readCapacityRecord(folder.dir)).toThrow('figures that were changed since')
})
