import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makePlace, type Place } from '../forkwise-process.ts'

let place: Place

beforeEach(() => {
  place = makePlace()
})

afterEach(() => {
  expect(place.processes()).toEqual([])
  expect(place.stateEntries()).toEqual([])
  place.remove()
})

const SHORT = ['lab', 'spinner', '--quick', '--set', 'seconds=0.3', '--seed', '7']

test('a lab runs without a terminal, asks nothing, and leaves a folder that report reads', async () => {
  const { code, stdout, stderr } = await place.run([...SHORT, '--out', 'run', '--predict', 'inline=turns,thread=turns'])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  // On a machine that is busy with other things nothing is decided.
  expect(stdout).toMatch(
    /is_prime, inline: (freezes; you expected turns\.|not decided here; you expected turns, seen:)/,
  )
  expect(stdout).toMatch(
    /is_prime, worker thread: (turns, as you expected\.|not decided here; you expected turns, seen:)/,
  )
  for (const file of ['manifest.json', 'trials.ndjson', 'result.json', 'report.html', 'report.md', 'seal.json']) {
    expect(existsSync(join(place.dir, 'run', file)), file).toBe(true)
  }
  const again = await place.run(['report', 'run'])
  expect(again.stdout).toBe(stdout)
  const json = await place.run(['report', 'run', '--json'])
  expect(JSON.parse(json.stdout)).toEqual(JSON.parse(readFileSync(join(place.dir, 'run/result.json'), 'utf8')))
  const classPage = await place.run(['lab', 'class', 'run', '--out', 'class'])
  expect(classPage.stdout).toMatch(/is_prime, inline: (0 of 1 were right|not decided on these machines)/)
  expect(existsSync(join(place.dir, 'class/report.html'))).toBe(true)
})

test('without Python the rest runs, and what is missing is named', async () => {
  const { code, stdout, stderr } = await place.run([...SHORT, '--out', 'run'], { PATH: '/nonexistent' })
  expect(code).toBe(0)
  if (!existsSync('/usr/sbin/python3')) expect(stderr).toContain('Python is missing: its half of the lab is left out.')
  expect(stdout).not.toContain('Python: is_prime')
})

test('a terminal of 20 columns gets lines of at most 20, but for what is to be copied', async () => {
  const { code, stdout } = await place.run([...SHORT, '--out', 'r'], { COLUMNS: '20' })
  expect(code).toBe(0)
  const long = stdout.split('\n').filter((line) => Array.from(line).length > 20)
  expect(long.filter((line) => !line.includes('npx forkwise') && !line.includes('/'))).toEqual([])
})

test.each([
  ['in the first repetition', 0],
  ['in the middle', 2500],
])('after Ctrl-C %s nothing is left but what was measured', async (_, waitMs) => {
  const started = place.start(['lab', 'spinner', '--out', 'run'])
  await started.until('Node')
  await sleep(waitMs)
  started.child.kill('SIGINT')
  const { code, stderr } = await started.ended
  expect(code).toBe(130)
  expect(stderr).toContain('What was measured until then is kept in')
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('A lab does not go on from there')
  expect(existsSync(join(place.dir, 'run/manifest.json'))).toBe(true)
})
