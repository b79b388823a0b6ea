import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ModelScaling } from '../../analysis/capacity/scaling/scaling.ts'
import { KNOWN, measureKnown } from '../analysis/capacity/synthetic-measurement.ts'
import { makePlace, type Place } from './forkwise-process.ts'

let place: Place
beforeAll(() => {
  place = makePlace()
  mkdirSync(join(place.dir, 'known'))
  const measured = measureKnown(KNOWN, { workers: [1, 2, 3, 4] })
  writeFileSync(join(place.dir, 'known/measurement-known-known.json'), JSON.stringify(measured))
})
afterAll(() => {
  expect(place.processes()).toEqual([])
  expect(place.stateEntries()).toEqual([])
  place.remove()
})

test.concurrent('plan --from: the plan as JSON, and nothing else on stdout or stderr', async () => {
  const words = ['plan', '--from', 'known', '--rate', '400', '--slo', 'p99<40ms', '--json']
  const { code, stdout, stderr } = await place.run(words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'forkwise/plan@1', plannedPerS: 400 })
})

test.concurrent('scale: measured throughput and the bare function, kept for planning', async () => {
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

test.concurrent('Ctrl-C keeps what is finished', async () => {
  const started = place.start(['scale', 'single', '--workers', '1', '--blocks', '20', '--out', 'stopped'])
  await started.until('block 2 of 20')
  started.child.kill('SIGINT')
  const { code, stderr } = await started.ended
  expect(code).toBe(130)
  expect(stderr).toContain('What was finished is kept in')
  expect(readdirSync(join(place.dir, 'stopped')).sort()).toEqual([
    'manifest.json',
    'measurement-single-cpu.json',
    'timeline.ndjson',
  ])
})

test.concurrent.each([
  ['a budget that is too small', ['--budget', '5s'], 2, 'to leave 14s for measuring'],
  ['Ctrl-C before anything is finished', ['--budget', '1m'], 130, 'nothing was kept'],
])('%s leaves no folder', async (_, options, expected, words) => {
  const started = place.start(['capacity', 'cluster', '--slo', 'p99<1s', ...options, '--out', `nothing-${expected}`])
  if (expected === 130) {
    await started.until('block 1 of')
    started.child.kill('SIGINT')
  }
  const { code, stderr } = await started.ended
  expect(code).toBe(expected)
  expect(stderr).toContain(words)
  expect(existsSync(join(place.dir, `nothing-${expected}`))).toBe(false)
})
