import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../core/paths.ts'
import { makePlace, type Place } from './cli/forkwise-process.ts'

/** The programs of docs/API.md, run as they stand there from a folder in which the package is installed. */
const PROGRAMS = [...readFileSync(join(PACKAGE_ROOT, 'docs', 'API.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, program = '']) => program,
)

let place: Place
beforeAll(() => {
  place = makePlace()
  mkdirSync(join(place.dir, 'node_modules'))
  symlinkSync(PACKAGE_ROOT, join(place.dir, 'node_modules', 'forkwise'))
})
afterAll(() => place.remove())

afterEach(() => expect(place.processes()).toEqual([]))

function run(program: string): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: place.dir,
    env: { ...process.env, TMPDIR: place.dir, NO_COLOR: '1' },
    encoding: 'utf8',
    timeout: 280_000,
  })
}

test('a comparison of docs/API.md reports its steps and asserts on its result', () => {
  const { stdout, stderr, status } = run(PROGRAMS[0] ?? '')
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  expect(stdout).toMatch(/^#\.+ pilot: single\n##\.+ pilot: cluster\n/)
  const last = /cluster gives ([\d.]+) times the throughput \((better|worse|same|inconclusive)\); (.+)\n$/.exec(stdout)
  expect(Number(last?.[1])).toBeGreaterThan(0)
  for (const file of ['result.json', 'report.html', 'report.md'])
    expect(existsSync(join(last?.[3] ?? '', file))).toBe(true)
})

test('a lab of docs/API.md says what became of the prediction, and whether each claim is so', () => {
  const { stdout, stderr, status } = run(PROGRAMS[1] ?? '')
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  const [answer, ...claims] = stdout.trimEnd().split('\n')
  expect(answer).toBe('await of a resolved promise: you said yields, it yields nothing: not so')
  expect(claims.length).toBeGreaterThan(3)
  for (const claim of claims) expect(claim).toMatch(/ \((confirmed|undecided|does not hold here)\)$/)
})

test('a run whose reader leaves the loop and that is then ended rejects with INTERRUPTED', () => {
  const { stdout, stderr } = run(PROGRAMS[2] ?? '')
  expect({ stdout, stderr }).toEqual({ stdout: 'true INTERRUPTED\n', stderr: '' })
})

test('readers that sleep, leave or come late change neither the result nor what is left of it', () => {
  const { stdout, stderr, status } = run(`
    import { load } from 'forkwise'
    import { createServer } from 'node:http'
    import { setTimeout as sleep } from 'node:timers/promises'

    const server = createServer((request, response) => response.end('ok'))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = 'http://127.0.0.1:' + server.address().port + '/'
    const running = load({ url, rate: 200, duration: 2, seed: 1 })
    const seen = [[], [], []]
    const readers = [
      (async () => { for await (const event of running) seen[0].push(event.type) })(),
      (async () => { for await (const event of running) { seen[1].push(event.type); await sleep(1000) } })(),
      (async () => { for await (const event of running) { seen[2].push(event.type); break } })(),
    ]
    const record = await running
    await Promise.all(readers)
    server.close()
    console.log(JSON.stringify({ record, seen }))
  `)
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  const { record, seen } = JSON.parse(stdout)
  expect(record).toMatchObject({ scheduled: record.ok, sent: record.ok, timeouts: 0 })
  expect(seen[0][0]).toBe('run-started')
  expect(seen[1][0]).toBe('run-started')
  expect(seen[2]).toEqual(['run-started'])
})
