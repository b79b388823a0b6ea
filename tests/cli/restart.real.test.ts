import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TrialRecord } from '../../core/records.ts'
import { makePlace, type Place } from './forkwise-process.ts'

let place: Place

beforeEach(() => {
  place = makePlace()
})

afterEach(() => {
  expect(place.processes()).toEqual([])
  expect(place.stateEntries()).toEqual([])
  place.remove()
})

describe('nothing is left', () => {
  test('after kill -9 in a trial of PM2, without anything new being started', async () => {
    const words = ['compare', '--models', 'pm2-fork', '--workloads', 'cpu', '--quick', '--anyway', '--out', 'run']
    const started = place.start(words)
    await started.until('block 1, cpu')
    await expect.poll(() => place.processes().join('\n')).toMatch(/PM2/)
    started.child.kill('SIGKILL')
    await started.ended
    await expect.poll(() => [...place.processes(), ...place.stateEntries()]).toEqual([])
  })

  test('after kill -9 while an app is looked at that never lets go of its loop', async () => {
    writeFileSync(join(place.dir, 'loop.mjs'), 'console.log("looping"); for (;;);')
    const started = place.start(['serve', 'single', '--app', 'loop.mjs', '--port', '0'])
    await expect.poll(() => place.processes().join('\n')).toMatch(/app-inspection/)
    started.child.kill('SIGKILL')
    await started.ended
    await expect.poll(() => [...place.processes(), ...place.stateEntries()]).toEqual([])
  })

  test('after a model that fails to start', async () => {
    const ended = await place.run(['serve', 'cluster', '--app', 'nowhere.js', '--port', '0'])
    expect([2, 4]).toContain(ended.code)
    expect(ended.stderr).toContain('nowhere.js')
  })
})

test('an interrupted run goes on where it stopped, and keeps what was finished', async () => {
  const compare = [
    'compare',
    '--models',
    'single',
    '--workloads',
    'cpu',
    '--blocks',
    '2',
    '--seed',
    '5',
    '--anyway',
    '--out',
    'run',
  ]
  const started = place.start(compare)
  await started.until('block 2, cpu')
  started.child.kill('SIGKILL')
  await started.ended
  const before = trials(place).map(({ id }) => id)
  expect(before).toContain('b01-single-cpu')
  const ended = await place.run(['compare', '--resume', 'run', '--anyway'])
  expect(ended.stderr).not.toContain('pilot: ')
  const ids = trials(place).map(({ id }) => id)
  expect(ids.slice(0, before.length)).toEqual(before)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toContain('b02-single-cpu')
  expect(existsSync(join(place.dir, 'run', 'result.json'))).toBe(true)
  // Where others keep the machine busy a trial may fail, or every block be dropped; that is said, and has its code.
  const failed = trials(place).some(({ outcome }) => outcome === 'failed')
  const unusable = ended.stderr.includes('No trial of cpu can be used')
  expect(ended.code, ended.stderr).toBe(failed || unusable ? 4 : 0)
})

function trials({ dir }: Place): TrialRecord[] {
  return readFileSync(join(dir, 'run', 'trials.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TrialRecord)
}
