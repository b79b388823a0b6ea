import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CapacityResult } from '../../analysis/capacity/objective/capacity-result.ts'
import type { ModelScaling } from '../../analysis/capacity/scaling/scaling.ts'
import { makePlace, type Place } from './forkwise-process.ts'

let place: Place
beforeAll(() => {
  place = makePlace()
})
afterAll(() => {
  expect(place.processes()).toEqual([])
  expect(place.stateEntries()).toEqual([])
  place.remove()
})

test('scale: measured throughput and the bare function, kept for planning', async () => {
  const { code, stdout } = await place.run([
    'scale',
    'single',
    'cluster',
    '--workers',
    '1,2',
    '--blocks',
    '1',
    '--seed',
    '3',
    '--out',
    'scaled',
    '--json',
  ])
  expect(code).toBe(0)
  const result = JSON.parse(stdout) as { schema: string; barePerS: number; models: ModelScaling[] }
  expect(result.schema).toBe('forkwise/scale@1')
  expect(result.barePerS).toBeGreaterThan(0)
  expect(result.models.map(({ model, points }) => [model, points.map(({ workers }) => workers)])).toEqual([
    ['single', [1]],
    ['cluster', [1, 2]],
  ])
  expect(readdirSync(join(place.dir, 'scaled')).sort()).toEqual([
    'manifest.json',
    'measurement-cluster-cpu.json',
    'measurement-single-cpu.json',
    'report.html',
    'report.md',
    'scale.json',
    'seal.json',
    'timeline.ndjson',
  ])
  expect(JSON.parse(readFileSync(join(place.dir, 'scaled/scale.json'), 'utf8'))).toMatchObject(result)
})

test('capacity: ends within its budget, and its trials add up', async () => {
  const began = performance.now()
  const { stdout, stderr } = await place.run([
    'capacity',
    'single',
    '--slo',
    'p99<2s,errors<20%',
    '--budget',
    '28s',
    '--workload',
    'cpu',
    '--seed',
    '3',
    '--out',
    'cap',
    '--json',
  ])
  const tookS = (performance.now() - began) / 1000
  expect(stderr).toContain('Measuring for about')
  // The budget is for measuring; starting the command and its dependency comes on top. On a machine that others use, both
  // take longer, but what goes by no budget at all would take minutes.
  expect(tookS).toBeLessThan(2 * 28 + 8)
  const result = JSON.parse(stdout) as CapacityResult
  expect(result).toMatchObject({ schema: 'forkwise/capacity@1', slo: { text: 'p99<2s,errors<20%' } })
  const [model] = result.models
  expect(model?.search.trials).toBe(model?.search.steps.length)
  expect(model?.search.tookS).toBeLessThanOrEqual(28)
  expect(model?.rates.length).toBeGreaterThanOrEqual(4)
})
