import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { compiled } from '../../core/paths.ts'
import type { UnitRecord } from '../../core/unit.ts'
import { ask, endStarted, start } from './started-process.ts'

afterEach(endStarted)

test('a process that is ready says where it listens, and answers there', async () => {
  const { child, unit } = await start('server/main.js')
  expect(unit).toMatchObject({ name: 'worker-1', role: 'worker', pid: child.pid })
  expect((await ask(`${unit.url}/readyz`)).status).toBe(200)
})

test('the threads of a pool are units of their own, under the process’s pid', async () => {
  const { child, unit, dir, exited } = await start('server/main.js', {
    FORKWISE_EXECUTOR: 'worker-pool',
    FORKWISE_POOL_SIZE: '2',
  })
  const units = readdirSync(join(dir, 'units')).map(
    (file) => JSON.parse(readFileSync(join(dir, 'units', file), 'utf8')) as UnitRecord,
  )
  expect(units.map(({ name, role, pid }) => `${name} ${role} ${pid}`).sort()).toEqual([
    `worker-1 worker ${child.pid}`,
    `worker-1-thread-1 thread ${child.pid}`,
    `worker-1-thread-2 thread ${child.pid}`,
  ])
  expect(new Set(units.map(({ thread }) => thread)).size).toBe(3)
  const answers = await Promise.all(
    ['97', '9999999999999999'].map(async (n) => (await ask(`${unit.url}/cpu/prime?n=${n}`)).text),
  )
  expect(answers).toEqual(['{"n":"97","prime":true}', '{"n":"9999999999999999","prime":false}'])
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(readdirSync(join(dir, 'units'))).toEqual([])
})

test('the children of a process pool are workers without an address, with metrics of their own', async () => {
  const { child, unit, dir, exited } = await start('server/main.js', {
    FORKWISE_EXECUTOR: 'process-pool',
    FORKWISE_POOL_SIZE: '2',
  })
  const read = (): UnitRecord[] =>
    readdirSync(join(dir, 'units')).map(
      (file) => JSON.parse(readFileSync(join(dir, 'units', file), 'utf8')) as UnitRecord,
    )
  const children = read().filter(({ pid }) => pid !== child.pid)
  expect(children.map(({ name, role, url }) => `${name} ${role} ${url}`).sort()).toEqual([
    'worker-1-child-1 worker undefined',
    'worker-1-child-2 worker undefined',
  ])
  expect((await ask(`${unit.url}/cpu/prime?n=97`)).text).toBe('{"n":"97","prime":true}')
  const pages = await Promise.all(children.map(({ metricsUrl }) => ask(metricsUrl ?? '')))
  const tasks = pages.map(({ text }) => Number(/^pool_member_tasks_total (\d+)$/m.exec(text)?.[1]))
  expect(tasks.sort((a, b) => a - b)).toEqual([0, 1])

  const [victim] = children
  if (victim === undefined) throw new Error('Expected a child.')
  process.kill(victim.pid, 'SIGKILL')
  const replaced = (): boolean => read().some(({ name, pid }) => name === victim.name && pid !== victim.pid)
  await expect.poll(replaced).toBe(true)
  expect((await ask(`${unit.url}/cpu/prime?n=91`)).text).toBe('{"n":"91","prime":false}')

  const pids = read().map(({ pid }) => pid)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  expect(readdirSync(join(dir, 'units'))).toEqual([])
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

async function activeRequests({ metricsUrl }: UnitRecord): Promise<string | undefined> {
  return /^http_server_active_requests (\d+)$/m.exec((await ask(metricsUrl ?? '')).text)?.[1]
}

test('on SIGTERM requests in flight are finished, later ones on open connections too, and nothing stays', async () => {
  const { child, unit, dir, exited } = await start('server/main.js', { FORKWISE_GRACE_S: '120' })
  const agent = new http.Agent({ keepAlive: true })
  const idle = new http.Agent({ keepAlive: true })
  await ask(`${unit.url}/healthz`, idle)
  const inFlight = Array.from({ length: 5 }, () => ask(`${unit.url}/io/sleep?ms=8000`, agent))
  await expect.poll(() => activeRequests(unit)).toBe('5')
  child.kill('SIGTERM')
  let late = await ask(`${unit.url}/readyz`, idle)
  while (late.status === 200) late = await ask(`${unit.url}/readyz`, idle)
  expect([late.status, late.headers.connection]).toEqual([503, 'close'])
  for (const response of await Promise.all(inFlight)) {
    expect([response.status, response.headers.connection]).toEqual([200, 'close'])
  }
  expect(await exited).toBe(0)
  expect(readdirSync(join(dir, 'units'))).toEqual([])
})

test('an answer that had begun before SIGTERM is sent to its end, and its connection does not hold up the end', async () => {
  const graceS = 60
  const { child, unit, exited } = await start('server/main.js', { FORKWISE_GRACE_S: `${graceS}` })
  const agent = new http.Agent({ keepAlive: true })
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(`${unit.url}/io/file?kb=10240`, { agent }, resolve).on('error', reject)
  })
  await sleep(100)
  child.kill('SIGTERM')
  await sleep(1000)
  const askedMs = performance.now()
  let bytes = 0
  for await (const chunk of response) bytes += (chunk as Buffer).length
  expect(bytes).toBe(10_240 * 1024)
  expect(await exited).toBe(0)
  // The client never closes its connection: a server that waited for that would take the whole grace.
  expect(performance.now() - askedMs).toBeLessThan(graceS * 1000)
})

test('a request longer than the grace is cut, and the process ends all the same', async () => {
  const { child, unit, exited } = await start('server/main.js', { FORKWISE_GRACE_S: '0.3' })
  const cut = fetch(`${unit.url}/io/sleep?ms=10000`)
  cut.catch(() => undefined)
  await expect.poll(() => activeRequests(unit)).toBe('1')
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  await expect(cut).rejects.toThrow('fetch failed')
})

test.each([
  ['the string of PM2', 'shutdown'],
  ['the message of our supervisors', { type: 'shutdown', graceS: 2 }],
])('%s makes it leave', async (_what, message) => {
  const { child, exited } = await start('server/main.js', {}, true)
  child.send(message)
  expect(await exited).toBe(0)
})

test.each(['server/main.js', 'server/dependency.js'])('%s ends when its parent is gone', async (program) => {
  const { child, exited, dir } = await start(program, {}, true)
  child.disconnect()
  expect(await exited).toBe(0)
  expect(readdirSync(join(dir, 'units'))).toEqual([])
})

test('the dependency answers after the delay, and io-upstream passes it on', async () => {
  const dependency = await start('server/dependency.js')
  expect(dependency.unit).toMatchObject({ role: 'dependency' })
  const { unit } = await start('server/main.js', { FORKWISE_UPSTREAM: dependency.unit.url ?? '' })
  const before = performance.now()
  const answer = await ask(`${unit.url}/io/upstream?ms=80`)
  expect(answer.text).toBe('{"ms":80,"upstream":{"waitedMs":80}}')
  expect(performance.now() - before).toBeGreaterThan(78)
})

test('wrong settings are named all at once, with exit code 78', async () => {
  const child = spawn(process.execPath, [compiled('server/main.js')], {
    env: { ...process.env, PORT: 'http', FORKWISE_EXECUTOR: 'inlined' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(78)
  expect(Buffer.concat(chunks).toString()).toMatch(/"code":"USAGE".*`PORT`.*`FORKWISE_EXECUTOR`/)
})
