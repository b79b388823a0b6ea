import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { parseExposition, type Sample } from '../../../core/exposition.ts'
import { HEARTBEAT_PATH, HEARTBEATS_PATH, type HeartbeatReading } from '../../../core/heartbeat.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { BLOCKED_S } from '../../../core/timeline.ts'
import type { UnitRecord } from '../../../core/unit.ts'
import { partTest } from '../../parts.ts'
import { ask, endStarted, start } from '../started-process.ts'

afterEach(endStarted)

const COUNT = 'http_server_request_duration_seconds_count'

/** An app that blocks its loop for as long as it is asked to. */
const BLOCKING = join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', 'blocking.mjs')

function total(samples: readonly Sample[], name: string): number {
  return samples.reduce((sum, sample) => sum + (sample.name === name ? sample.value : 0), 0)
}

async function scrape(url: string | undefined): Promise<Sample[]> {
  return parseExposition((await ask(url ?? '')).text)
}

function valueOf(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined {
  return samples.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value
}

/** Reads metrics until something holds of them: a process counts an answer when it is over, not before its client has it. */
async function scrapeUntil(url: string | undefined, holds: (samples: readonly Sample[]) => boolean): Promise<Sample[]> {
  for (const deadlineMs = Date.now() + 120_000; ; await sleep(20)) {
    const samples = await scrape(url)
    if (holds(samples) || Date.now() > deadlineMs) return samples
  }
}

test('every answer is counted once, by route and status, in the bucket of its duration', async () => {
  const { unit } = await start('server/main.js')
  const paths = [...Array<string>(30).fill('/cpu/prime?n=97'), ...Array<string>(20).fill('/io/sleep?ms=30')]
  await Promise.all([...paths, '/cpu/prime?n=x', '/nowhere'].map(async (path) => (await ask(unit.url + path)).text))
  const samples = await scrapeUntil(
    unit.metricsUrl,
    (read) => valueOf(read, 'http_server_active_requests') === 0 && total(read, COUNT) === paths.length + 2,
  )
  const count = (route: string, status: number): number | undefined =>
    valueOf(samples, COUNT, {
      http_request_method: 'GET',
      http_route: route,
      http_response_status_code: String(status),
    })
  expect([count('/cpu/prime', 200), count('/io/sleep', 200), count('/cpu/prime', 400), count('', 404)]).toEqual([
    30, 20, 1, 1,
  ])
  const sleeps = { http_route: '/io/sleep' }
  expect(valueOf(samples, 'http_server_request_duration_seconds_bucket', { ...sleeps, le: '0.025' })).toBe(0)
  expect(valueOf(samples, 'http_server_request_duration_seconds_sum', sleeps)).toBeGreaterThanOrEqual(0.59)
  expect(valueOf(samples, 'http_server_active_requests')).toBe(0)
  expect(valueOf(samples, 'http_server_connections_total')).toBeGreaterThanOrEqual(1)
  expect(valueOf(samples, 'process_cpu_seconds_total')).toBeGreaterThan(0)
})

test('a request whose client leaves is aborted, not answered', async () => {
  const { unit } = await start('server/main.js')
  const leaving = new AbortController()
  const asked = expect(fetch(`${unit.url}/io/sleep?ms=10000`, { signal: leaving.signal })).rejects.toThrow('aborted')
  await scrapeUntil(unit.metricsUrl, (read) => valueOf(read, 'http_server_active_requests') === 1)
  leaving.abort()
  await asked
  const samples = await scrapeUntil(
    unit.metricsUrl,
    (read) => valueOf(read, 'http_server_aborted_requests_total') === 1,
  )
  expect(valueOf(samples, 'http_server_aborted_requests_total')).toBe(1)
  expect(valueOf(samples, COUNT)).toBeUndefined()
  expect(valueOf(samples, 'http_server_active_requests')).toBe(0)
})

test('the threads of a pool show their tasks on pages of their own, whose sum is the pool’s', async () => {
  const { unit, dir } = await start('server/main.js', { FORKWISE_EXECUTOR: 'worker-pool', FORKWISE_POOL_SIZE: '2' })
  let asked = 0
  const pages = async (): Promise<Sample[][]> => Promise.all(threadsOf(dir).map(({ metricsUrl }) => scrape(metricsUrl)))
  const tasksOf = (page: readonly Sample[]): number => valueOf(page, 'pool_member_tasks_total') ?? 0
  // A thread that begins late gets its first task late.
  for (let round = 0; round < 20 && (round === 0 || (await pages()).some((page) => tasksOf(page) === 0)); round++) {
    await Promise.all(Array.from({ length: 20 }, () => ask(`${unit.url}/cpu/prime?n=1000000000039`)))
    asked += 20
  }
  const samples = await scrapeUntil(unit.metricsUrl, (read) => valueOf(read, 'pool_tasks_total') === asked)
  expect(valueOf(samples, 'pool_size', { pool: 'worker-pool' })).toBe(2)
  expect(valueOf(samples, 'pool_tasks_total', { pool: 'worker-pool' })).toBe(asked)
  expect(valueOf(samples, 'http_server_queue_wait_seconds_count')).toBe(asked)
  const tasks = (await pages()).map(tasksOf)
  expect(tasks).toHaveLength(2)
  expect(tasks.every((count) => count > 0)).toBe(true)
  expect(tasks.reduce((sum, count) => sum + count)).toBe(asked)
  for (const page of await pages()) expect(valueOf(page, 'pool_member_busy_seconds_total')).toBeGreaterThan(0)
})

function threadsOf(dir: string): UnitRecord[] {
  return readdirSync(join(dir, 'units'))
    .map((file) => JSON.parse(readFileSync(join(dir, 'units', file), 'utf8')) as UnitRecord)
    .filter(({ role }) => role === 'thread')
}

test('the metrics server knows whether the unit is ready, also while it drains', async () => {
  const { child, unit, exited } = await start('server/main.js', { FORKWISE_GRACE_S: '120' })
  const ready = new URL('/readyz', unit.metricsUrl).href
  expect((await ask(ready)).status).toBe(200)
  expect((await ask(new URL('/healthz', unit.metricsUrl).href)).status).toBe(200)
  // Too large for the buffers between us: it is in flight until it is read.
  const inFlight = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(`${unit.url}/io/file?kb=10240`, { agent: false }, resolve).on('error', reject)
  })
  await scrapeUntil(unit.metricsUrl, (read) => valueOf(read, 'http_server_active_requests') === 1)
  child.kill('SIGTERM')
  let draining = await ask(ready)
  while (draining.status === 200) draining = await ask(ready)
  expect([draining.status, draining.text]).toEqual([503, '{"status":"draining"}'])
  let bytes = 0
  for await (const chunk of inFlight) bytes += (chunk as Buffer).length
  expect(bytes).toBe(10_240 * 1024)
  expect(await exited).toBe(0)
})

test('the heartbeat stands still while the event loop is blocked, and is reported all the same', async () => {
  const { unit } = await start('server/main.js', { FORKWISE_APP: BLOCKING })
  const address = new URL(HEARTBEAT_PATH, unit.metricsUrl).href
  const heartbeat = async (): Promise<HeartbeatReading> => JSON.parse((await ask(address)).text) as HeartbeatReading
  const idle = await heartbeat()
  expect(idle).toMatchObject({ state: 'ready', active: 0 })
  expect(idle.rssBytes).toBeGreaterThan(1e6)
  await vi.waitUntil(async () => (await heartbeat()).turnedAtS > idle.turnedAtS, { timeout: 120_000 })
  const blocking = ask(`${unit.url}/?ms=4000`)
  const blocked = await vi.waitUntil(
    async () => {
      const now = await heartbeat()
      return now.ageS > 0.3 ? now : null
    },
    { timeout: 120_000, interval: 10 },
  )
  expect((await heartbeat()).turnedAtS).toBe(blocked.turnedAtS)
  await blocking
  await vi.waitUntil(async () => (await heartbeat()).requests === (idle.requests ?? 0) + 1, { timeout: 120_000 })
})

test('the stream of heartbeats says so by itself, and that the loop turns again', async () => {
  const { unit } = await start('server/main.js', { FORKWISE_APP: BLOCKING })
  const told: HeartbeatReading[] = []
  const request = http.get(new URL(HEARTBEATS_PATH, unit.metricsUrl), (stream) => {
    const lines = createInterface(stream)
    lines.on('line', (line) => told.push(JSON.parse(line) as HeartbeatReading)).on('error', () => undefined)
  })
  request.on('error', () => undefined)
  try {
    await vi.waitUntil(() => told.length > 1, { timeout: 120_000 })
    expect((await ask(`${unit.url}/?ms=4000`)).status).toBe(200)
    const blocked = told.filter(({ ageS }) => ageS > BLOCKED_S)
    expect(blocked.length).toBeGreaterThan(0)
    const last = blocked.at(-1)?.turnedAtS ?? 0
    await vi.waitUntil(() => told.some(({ turnedAtS, ageS }) => turnedAtS > last && ageS <= BLOCKED_S), {
      timeout: 120_000,
    })
  } finally {
    request.destroy()
  }
})

test('without metrics there is nothing of them', async () => {
  const { child, unit } = await start('server/main.js', { FORKWISE_METRICS: 'off' })
  expect(unit.metricsUrl).toBeUndefined()
  const names = readdirSync(`/proc/${child.pid}/task`).map((task) =>
    readFileSync(`/proc/${child.pid}/task/${task}/comm`, 'utf8').trim(),
  )
  const { child: measured } = await start('server/main.js')
  expect(readdirSync(`/proc/${measured.pid}/task`)).toHaveLength(names.length + 1)
})

test('a metrics port that is taken is reported', async () => {
  const { unit } = await start('server/main.js')
  const port = new URL(unit.metricsUrl ?? '').port
  await expect(start('server/main.js', { FORKWISE_METRICS_PORT: port })).rejects.toThrow('did not become ready')
})

partTest(['promtool'], 'promtool finds nothing wrong with the metrics of a process and of its threads', async () => {
  const { unit } = await start('server/main.js', { FORKWISE_EXECUTOR: 'worker-pool', FORKWISE_POOL_SIZE: '1' })
  await ask(`${unit.url}/cpu/prime?n=97`)
  await scrapeUntil(unit.metricsUrl, (read) => valueOf(read, COUNT) === 1)
  for (const url of [unit.metricsUrl, `${unit.metricsUrl}/worker-1-thread-1`]) {
    const { text } = await ask(url ?? '')
    expect(text).toContain('# TYPE')
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  }
})
