import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CapacityMeasurement, MeasuredSaturation } from '../../core/capacity.ts'
import type { ForkwiseError } from '../../core/errors.ts'
import { CapacityFolder, readMeasurements } from '../../store/capacity-folder.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-capacity-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

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
  const folder = CapacityFolder.create(join(dir, 'run'))
  folder.keep({ ...MEASUREMENT, saturations: [] })
  folder.keep(MEASUREMENT)
  expect(readdirSync(folder.dir)).toEqual(['measurement-cluster-cpu.json'])
  expect(readMeasurements([folder.dir])).toEqual([MEASUREMENT])
})

test('measurements of the same thing from two folders are put together, their blocks told apart', () => {
  const [a, b] = [CapacityFolder.create(join(dir, 'a')), CapacityFolder.create(join(dir, 'b'))]
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
  expect(() => CapacityFolder.create(dir)).toThrow('`--out` to be a new or empty folder')
})

test('all folders that cannot be read are told at once, with what to do', () => {
  const empty = join(dir, 'empty')
  const foreign = join(dir, 'foreign')
  const damaged = join(dir, 'damaged')
  const comparison = join(dir, 'comparison')
  for (const each of [empty, foreign, damaged, comparison]) mkdirSync(each)
  writeFileSync(join(foreign, 'measurement-x-y.json'), '{"schema":"other@1"}')
  writeFileSync(join(damaged, 'measurement-x-y.json'), '{"schema":')
  writeFileSync(join(comparison, 'manifest.json'), '{"schema":"forkwise/manifest@1"}')
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

test('an empty folder is removed if the run made it, and left if it was there before', () => {
  const made = CapacityFolder.create(join(dir, 'made'))
  expect(made.discardEmpty()).toBe(true)
  expect(made.discardEmpty()).toBe(true)
  mkdirSync(join(dir, 'given'))
  expect(CapacityFolder.create(join(dir, 'given')).discardEmpty()).toBe(true)
  const used = CapacityFolder.create(join(dir, 'used'))
  used.keep(MEASUREMENT)
  expect(used.discardEmpty()).toBe(false)
  expect(readdirSync(dir).sort()).toEqual(['given', 'used'])
})
