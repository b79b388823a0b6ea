import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePlace, type Place } from '../cli/forkwise-process.ts'
import { fixtureRun, writeFixtureRun } from './fixture-run.ts'

// `forkwise report` as a user runs it; what it says of every kind of folder is in report-command.test.ts.

const place: Place = makePlace()
const dir = join(place.dir, 'run')

beforeAll(async () => {
  await writeFixtureRun(
    fixtureRun(7, { models: ['single', 'cluster'], workloads: ['cpu', 'mixed'], samples: 200 }),
    dir,
  )
})

afterAll(() => {
  expect(place.processes()).toEqual([])
  place.remove()
})

test('a page goes to stdout whole, and nothing is written', async () => {
  const { code, stdout } = await place.run(['report', dir, '--format', 'html'])
  expect(code).toBe(0)
  expect(stdout.startsWith('<!doctype html>')).toBe(true)
  expect(stdout.trimEnd().endsWith('</html>')).toBe(true)
  expect(existsSync(join(dir, 'report.html'))).toBe(false)
})

test('a threshold that is missed ends the program with 5, and every report is written', async () => {
  const { code, stdout } = await place.run(['report', dir, '--assert', 'cluster/cpu throughput >= 3x single'])
  expect(stdout).toContain('failed: cluster/cpu')
  expect(code).toBe(5)
  expect(readFileSync(join(dir, 'report.md'), 'utf8')).toContain('# single and cluster compared')
  for (const name of ['report.html', 'cells.csv', 'result.json']) expect(existsSync(join(dir, name)), name).toBe(true)
})
