import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { parseExposition } from '../../../core/exposition.ts'
import { compiled, PACKAGE_ROOT } from '../../../core/paths.ts'
import { readStartError } from '../../../server/start-error.ts'
import { ask, endStarted, start } from '../started-process.ts'

afterEach(endStarted)

const app = (name: string): string => join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', name)

/** Runs a server that does not come up, and returns what it says. */
async function failedStart(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, [compiled('server/main.js')], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stderr: Buffer.concat(chunks).toString() }
}

describe.each([
  ['an Express app in CommonJS', 'express-common.cjs'],
  ['an Express app in CommonJS as TypeScript compiles it', 'express-compiled.cjs'],
  ['an Express app in ESM', 'express-module.mjs'],
  ['an async createApp', 'create-app.mjs'],
  ['a bare request listener', 'listener.mjs'],
  ['an http.Server', 'http-server.mjs'],
  ['a module that calls listen itself, a little later', 'self-listening.cjs'],
])('%s', (_what, file) => {
  test('serves its own routes, is measured, and drains', async () => {
    const { child, unit, exited } = await start('server/main.js', { FORKWISE_APP: app(file) })
    expect((await ask(`${unit.url}/orders/42`)).text).toBe('{"order":"42"}')
    const counted = async (): Promise<number | undefined> =>
      parseExposition((await ask(unit.metricsUrl ?? '')).text).find(
        ({ name }) => name === 'http_server_request_duration_seconds_count',
      )?.value
    await expect.poll(counted).toBe(1)
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })
})

test.concurrent.each([
  ['does not exist', 'nowhere.js', /to exist/, null],
  ['throws while it loads', 'throws.mjs', /threw while it was (?:loaded|starting): no database here/, /throws\.mjs:2/],
  ['has a syntax error', 'wrong-syntax.cjs', /threw while it was loaded/, /wrong-syntax\.cjs:1/],
  ['exports nothing usable', 'exports-nothing.mjs', /has only `version`/, null],
  ['exports something else', 'exports-object.mjs', /has only `name`, `start`/, null],
  ['has a createApp that throws', 'create-app-throws.mjs', /`createApp` .* threw: no configuration/, /TypeError/],
])('an app that %s is reported in one error, with the app’s own stack', async (_what, file, message, stack) => {
  const { code, stderr } = await failedStart({ FORKWISE_APP: app(file) })
  const error = readStartError(stderr)
  expect(code).toBe(78)
  expect(error?.code).toBe('APP_INVALID')
  expect(error?.message).toMatch(message)
  if (stack !== null) expect(stderr).toMatch(stack)
})

test('an app without handlers cannot have a pool, and the error says how to get one', async () => {
  const { code, stderr } = await failedStart({
    FORKWISE_APP: app('express-module.mjs'),
    FORKWISE_EXECUTOR: 'worker-pool',
  })
  expect(code).toBe(78)
  expect(readStartError(stderr)?.problems[0]?.hint).toContain('defineHandler')
})

test('handlers that an app defines run in the threads of a pool', async () => {
  const { unit } = await start('server/main.js', {
    FORKWISE_APP: app('pool-handlers.mjs'),
    FORKWISE_EXECUTOR: 'worker-pool',
    FORKWISE_POOL_SIZE: '1',
    FORKWISE_POOL_QUEUE: '0',
  })
  const where = JSON.parse((await ask(`${unit.url}/where`)).text) as { pid: number; threadId: number }
  expect(where.pid).toBe(unit.pid)
  expect(where.threadId).toBeGreaterThan(0)
  const answers = await Promise.all([1, 2, 3].map(() => ask(`${unit.url}/hold?ms=5000`)))
  expect(answers.map(({ status }) => `${status}`).sort()).toEqual(['200', '503', '503'])
  const shed = answers.find(({ status }) => status === 503)
  expect(shed?.headers['retry-after']).toBe('1')
})

test('a loop that is blocked stays visible, and how long it was', async () => {
  const BLOCKED_S = 8
  const { unit } = await start('server/main.js', { FORKWISE_APP: app('blocking.mjs') })
  const value = async (name: string): Promise<number> => {
    const text = await (await fetch(unit.metricsUrl ?? '')).text()
    return parseExposition(text).find((sample) => sample.name === name)?.value ?? Number.NaN
  }
  const ageS = (): Promise<number> => value('nodejs_eventloop_heartbeat_age_seconds')
  let startedMs = Number.NaN
  const ageNowS = (): Promise<number> => {
    startedMs = performance.now()
    return ageS()
  }
  await expect.poll(ageNowS).toBeLessThan(1)
  let over = false
  const blocked = fetch(`${unit.url}/?ms=${BLOCKED_S * 1000}`).finally(() => {
    over = true
  })
  await expect.poll(ageS).toBeGreaterThan(2)
  const figures = {
    ageS: await ageS(),
    delayMaxS: await value('nodejs_eventloop_delay_max_seconds'),
    utilization: await value('nodejs_eventloop_utilization_ratio'),
    active: await value('http_server_active_requests'),
  }
  const elapsedS = (performance.now() - startedMs) / 1000
  expect(over, 'all of it was read while the loop was blocked').toBe(false)
  expect(figures).toMatchObject({ utilization: 1, active: 1 })
  expect(figures.ageS).toBeGreaterThan(2)
  // It was less than a second old when it was asked for before the block.
  expect(figures.ageS).toBeLessThan(elapsedS + 1)
  expect(figures.delayMaxS).toBeGreaterThan(1)
  await blocked
  const wholeS = (performance.now() - startedMs) / 1000
  await expect.poll(() => value('nodejs_eventloop_delay_max_seconds')).toBeGreaterThanOrEqual(BLOCKED_S - 0.5)
  expect(await value('nodejs_eventloop_delay_max_seconds')).toBeLessThan(wholeS + 1)
  await expect.poll(ageS).toBeLessThan(1)
})
