import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClosedLoad, LoadRecord, WorkloadRequest } from '../../../core/load.ts'
import { startKnownServer, type KnownServer } from '../../../loadtest/calibration/known-server-process.ts'
import { driverFor } from '../../../loadtest/drivers.ts'
import type { DriverEvents } from '../../../loadtest/driver.ts'
import { expectLedger } from './ledger.ts'

let server: KnownServer

beforeAll(async () => {
  server = await startKnownServer()
})
afterAll(async () => server.stop())

/** Runs a closed loop against the known server and checks its ledger. */
async function drive(
  path: string | readonly WorkloadRequest[],
  load: Partial<ClosedLoad>,
  options: DriverEvents & { signal?: AbortSignal; targets?: readonly URL[] } = {},
): Promise<LoadRecord> {
  const requests = typeof path === 'string' ? [request(path)] : path
  const full: ClosedLoad = { kind: 'closed', connections: 10, durationS: 1, timeoutS: 5, seed: 1, ...load }
  const { signal = new AbortController().signal, targets = [server.url], ...events } = options
  const record = await driverFor(full).run(targets, { id: 'test', requests }, full, { signal, ...events })
  expectLedger(record)
  expect(record.scheduled).toBe(record.sent)
  return record
}

function request(path: string, more: Partial<WorkloadRequest> = {}): WorkloadRequest {
  return { route: path, method: 'GET', path, weight: 1, expectStatus: 200, ...more }
}

describe.concurrent('the closed loop tells the truth', () => {
  test('a server that takes 100 ms: one connection gets one answer each 100 ms', async () => {
    const record = await drive('/wait?ms=100', { connections: 1, durationS: 1.5 })
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(99.9)
    expect(record.latencyMs.p50).toBeLessThan(400)
    expect(record.ok).toBeGreaterThanOrEqual(8)
    expect(record.ok).toBeLessThanOrEqual(15)
  })

  test('answers within some µs are not rounded to nothing', async () => {
    const record = await drive('/now', { connections: 1, durationS: 0.5 })
    expect(record.latencyMs.p50).toBeGreaterThan(0.005)
    expect(record.latencyMs.p50).toBeLessThan(2)
    expect(record.ok).toBeGreaterThan(100)
  })

  test('5 % never answered: they are timeouts, counted at their timeout in the tail', async () => {
    const record = await drive('/never?share=0.05', { connections: 20, durationS: 1.6, timeoutS: 0.4 })
    expect(record.timeouts).toBeGreaterThanOrEqual(20)
    expect(record.latencyMs.p99).toBeGreaterThanOrEqual(399)
    expect(record.latencyMs.p50).toBeLessThan(50)
  })

  test('half of the answers are instant 503s: they are apart, and the good ones keep their 50 ms', async () => {
    const record = await drive('/mixed-status?ms=50', {})
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(49.9)
    expect(record.latencyMs.p50).toBeLessThan(400)
    expect(Math.abs(record.non2xx - record.ok)).toBeLessThanOrEqual(20)
    expect(record.errorSamples[0]).toMatchObject({ message: 'status 503', count: record.non2xx })
  })

  test('a tenth of the connections is closed without an answer: connection errors', async () => {
    const record = await drive('/hang-up?share=0.1', { durationS: 0.5 })
    expect(record.connectionErrors / record.sent).toBeGreaterThan(0.05)
    expect(record.connectionErrors / record.sent).toBeLessThan(0.15)
  })

  test.each([
    { what: 'announces `Connection: close`', path: '/close?ms=50' },
    { what: 'closes without saying so', path: '/close-silently?ms=50' },
  ])('a server of 50 ms that $what: 50 ms, no errors', async ({ path }) => {
    const record = await drive(path, {})
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(49.9)
    expect(record.latencyMs.p50).toBeLessThan(400)
    expect(record).toMatchObject({ connectionErrors: 0, timeouts: 0, non2xx: 0 })
    expect(record.connectionsOpened).toBeGreaterThanOrEqual(record.ok)
  })

  test('a server that closes with every tenth answer: later answers are not taken for earlier ones', async () => {
    const server = await startKnownServer()
    const targets = [server.url]
    const record = await drive('/last-of?n=10', {}, { targets })
    const { arrived, answered } = await server.counts()
    await server.stop()
    expect(record).toMatchObject({ connectionErrors: 0, timeouts: 0 })
    expect(record.connectionsOpened).toBeGreaterThan(record.ok / 15)
    expect(record.latencyMs.p50).toBeLessThan(400)
    expect(record.lifetime).toEqual({
      sent: arrived,
      answered,
    })
  })

  test('a 3 s handler in a short run: all in flight at the end, none answered', async () => {
    const record = await drive('/wait?ms=1000', { durationS: 0.5 })
    expect(record).toMatchObject({ sent: 10, ok: 0, inFlightAtEnd: 10, latencyMs: { count: 0, p50: null } })
    expect(record.lifetime).toEqual({ sent: 11, answered: 11 })
  })

  test.each([
    {
      what: 'bodies that end with the connection',
      path: '/until-close',
      expected: { connectionErrors: 0, timeouts: 0 },
    },
    { what: 'early hints before the answer', path: '/early-hints?ms=5', expected: { non2xx: 0, connectionErrors: 0 } },
    { what: 'answers sent twice', path: '/twice', expected: { non2xx: 0, timeouts: 0, connectionErrors: 0 } },
    { what: 'bodies of 5 MiB', path: '/huge?mb=5', expected: { non2xx: 0, timeouts: 0, connectionErrors: 0 } },
  ])('$what are answers', async ({ path, expected }) => {
    const record = await drive(path, { durationS: 0.5 })
    expect(record).toMatchObject(expected)
    expect(record.ok).toBeGreaterThan(5)
    expect(record.latencyMs.p50).toBeLessThan(1000)
  })

  test('HEAD is answered without waiting for a body', async () => {
    const record = await drive([request('/now', { method: 'HEAD' })], { durationS: 0.5 })
    expect(record).toMatchObject({ non2xx: 0, timeouts: 0, connectionErrors: 0, connectionsOpened: 10 })
    expect(record.ok).toBeGreaterThan(100)
  })

  test.each([
    { what: 'half an answer', path: '/half', message: 'closed in the middle of an answer' },
    { what: 'connections that are always closed', path: '/hang-up', message: 'closed without an answer' },
  ])('$what: counted as errors, tried again with pauses, never a spin', async ({ path, message }) => {
    const record = await drive(path, { connections: 4, durationS: 1 })
    expect(record.ok).toBe(0)
    expect(record.connectionErrors).toBe(record.sent)
    expect(record.errorSamples).toEqual([{ message, count: record.sent }])
    expect(record.sent).toBeLessThan(400)
    expect(record.sent).toBeGreaterThan(8)
  })

  test('an answer without an end is a timeout', async () => {
    const record = await drive('/endless', { connections: 4, durationS: 1.2, timeoutS: 0.5 })
    expect(record).toMatchObject({ ok: 0, connectionErrors: 0, inFlightAtEnd: 4 })
    expect(record.timeouts).toBeGreaterThanOrEqual(4)
  })

  test('redirects are not followed: another status', async () => {
    const record = await drive('/redirect', { durationS: 0.3 })
    expect(record.ok).toBe(0)
    expect(record.errorSamples).toEqual([{ message: 'status 302', count: record.non2xx }])
  })
})

describe('a run of the closed loop', () => {
  test('warms up until the rate is steady, then counts on the same connections', async () => {
    const calls: string[] = []
    const record = await drive(
      '/wait?ms=2',
      { connections: 4, durationS: 1, warmup: { minS: 0.5, maxS: 10, minCount: 100 } },
      { onCounting: () => calls.push('counting'), onCounted: () => calls.push('counted') },
    )
    expect(calls).toEqual(['counting', 'counted'])
    expect(record.warmup?.answered).toBeGreaterThanOrEqual(100)
    expect(record.warmup?.tookS).toBeLessThanOrEqual(10.5)
    expect(record.connectionsOpened).toBe(4)
    expect(record.lifetime.sent).toBeGreaterThan(record.sent)
    expect(record.seconds.length).toBeGreaterThanOrEqual(1)
  })

  test('keeps the mix and the latency of each route', async () => {
    const mix = [
      request('/wait?ms=20', { route: 'slow', weight: 1 }),
      request('/wait?ms=1', { route: 'fast', weight: 4 }),
    ]
    const record = await drive(mix, {})
    const [slow, fast] = record.routes
    expect((slow?.ok ?? 0) / record.ok).toBeCloseTo(0.2, 1)
    expect(slow?.latencyMs.p50).toBeGreaterThanOrEqual(19.9)
    expect(fast?.latencyMs.p50).toBeLessThan(slow?.latencyMs.p50 ?? 0)
  })

  test('deals its connections over several targets', async () => {
    const second = await startKnownServer(2)
    try {
      const targets = [server.url, second.url]
      const { lifetime } = await drive('/wait?ms=10', { connections: 6, durationS: 0.5 }, { targets })
      const { arrived } = await second.counts()
      expect(arrived / lifetime.sent).toBeGreaterThan(0.4)
      expect(arrived / lifetime.sent).toBeLessThan(0.6)
    } finally {
      await second.stop()
    }
  })

  test('an abort ends it at once with what was counted so far', async () => {
    const aborting = new AbortController()
    const started = performance.now()
    setTimeout(() => aborting.abort(), 800)
    const record = await drive('/wait?ms=20', { durationS: 60 }, { signal: aborting.signal })
    expect(performance.now() - started).toBeLessThan(5000)
    expect(record.ok).toBeGreaterThan(10)
    expect(record.inFlightAtEnd).toBe(10)
  })

  test.each([
    { what: 'nothing listens', url: 'http://127.0.0.1:1', message: /nothing listens there/ },
    { what: 'the name is unknown', url: 'http://forkwise.invalid', message: /name is not known|connecting failed/ },
  ])('$what: unreachable, said at once', async ({ url, message }) => {
    const started = performance.now()
    await expect(drive('/now', { durationS: 30 }, { targets: [new URL(url)] })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringMatching(message) as string,
    })
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('another protocol is unreachable too', async () => {
    await expect(drive('/garbage', {})).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
  })

  test('the generator process is told of, and gone afterwards', async () => {
    const pids: number[] = []
    const full: ClosedLoad = { kind: 'closed', connections: 2, durationS: 0.2, timeoutS: 1, seed: 1 }
    await driverFor(full).run([server.url], { id: 'test', requests: [request('/now')] }, full, {
      signal: new AbortController().signal,
      onProcess: (pid) => pids.push(pid),
    })
    expect(pids).toHaveLength(1)
    expect(() => process.kill(pids[0] ?? 0, 0)).toThrow(/ESRCH/)
  })
})
