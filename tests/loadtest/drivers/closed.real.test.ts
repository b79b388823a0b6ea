import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { ClosedLoad, LoadRecord, WorkloadRequest } from '../../../core/load.ts'
import { startKnownServer, type KnownServer } from '../../../loadtest/calibration/known-server-process.ts'
import { driverFor } from '../../../loadtest/drivers.ts'
import type { DriverProgress } from '../../../loadtest/driver-progress.ts'
import type { DriverEvents } from '../../../loadtest/driver.ts'
import { untilEnough } from './enough.ts'
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
  const full: ClosedLoad = { kind: 'closed', connections: 10, durationS: 1, timeoutS: 30, seed: 1, ...load }
  const { signal = new AbortController().signal, targets = [server.url], ...events } = options
  const record = await driverFor(full).run(targets, { id: 'test', requests }, full, { signal, ...events })
  expectLedger(record)
  expect(record.scheduled).toBe(record.sent)
  return record
}

async function driveEnough(
  enough: (record: LoadRecord) => boolean,
  path: Parameters<typeof drive>[0],
  load: Partial<ClosedLoad>,
): Promise<LoadRecord> {
  const run = async (durationS: number): Promise<{ record: LoadRecord }> => ({
    record: await drive(path, { ...load, durationS }),
  })
  return (await untilEnough(enough, run)).record
}

/** Each run against a server of its own, with what that has counted. */
async function driveOwnServer(
  enough: (record: LoadRecord) => boolean,
  path: string,
): Promise<{ record: LoadRecord; arrived: number; answered: number }> {
  return untilEnough(enough, async (durationS) => {
    const own = await startKnownServer()
    try {
      const record = await drive(path, { durationS }, { targets: [own.url] })
      return { record, ...(await own.counts()) }
    } finally {
      await own.stop()
    }
  })
}

function okAtLeast(count: number): (record: LoadRecord) => boolean {
  return ({ ok }) => ok >= count
}

function request(path: string, more: Partial<WorkloadRequest> = {}): WorkloadRequest {
  return { route: path, method: 'GET', path, weight: 1, expectStatus: 200, ...more }
}

describe.concurrent('the closed loop reports the truth', () => {
  test('a server that takes 100 ms: one connection gets at most one answer each 100 ms', async () => {
    const record = await driveEnough(okAtLeast(3), '/wait?ms=100', { connections: 1 })
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(99.9)
    expect(record.ok).toBeLessThanOrEqual(record.countedS * 10)
  })

  test('answers within some µs are not rounded to nothing', async () => {
    const record = await driveEnough(okAtLeast(100), '/now', { connections: 1 })
    expect(record.latencyMs.p50).toBeGreaterThan(0.005)
  })

  test('5 % never answered: they are timeouts, counted at their timeout in the tail', async () => {
    const load = { connections: 20, timeoutS: 0.4 }
    const record = await driveEnough(({ timeouts, ok }) => timeouts >= 20 && ok > 0, '/never?share=0.05', load)
    expect(LatencyHistogram.fromBase64(record.histogram).countAboveUs(398_000)).toBeGreaterThanOrEqual(record.timeouts)
    expect(record.latencyMs.p99).toBeGreaterThanOrEqual(398)
  })

  test('half of the answers are instant 503s: they are apart, and the good ones keep their 50 ms', async () => {
    const record = await driveEnough(okAtLeast(20), '/mixed-status?ms=50', {})
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(49.9)
    expect(Math.abs(record.non2xx - record.ok)).toBeLessThanOrEqual(20)
    expect(record.errorSamples[0]).toMatchObject({ message: 'status 503', count: record.non2xx })
  })

  test('a tenth of the connections is closed without an answer: connection errors, as many as the server caused', async () => {
    const { record, arrived, answered } = await driveOwnServer(({ sent }) => sent >= 300, '/hang-up?share=0.1')
    expect(record.lifetime).toEqual({ sent: arrived, answered })
    expect(record.connectionErrors / record.sent).toBeGreaterThan(0.05)
    expect(record.connectionErrors / record.sent).toBeLessThan(0.15)
  })

  test.each([
    { what: 'announces `Connection: close`', path: '/close?ms=50' },
    { what: 'closes without saying so', path: '/close-silently?ms=50' },
  ])('a server of 50 ms that $what: 50 ms, no errors', async ({ path }) => {
    const record = await driveEnough(okAtLeast(20), path, {})
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(49.9)
    expect(record).toMatchObject({ connectionErrors: 0, timeouts: 0, non2xx: 0 })
    expect(record.connectionsOpened).toBeGreaterThanOrEqual(record.ok)
  })

  test('a server that closes with every tenth answer: later answers are not taken for earlier ones', async () => {
    const { record, arrived, answered } = await driveOwnServer(okAtLeast(200), '/last-of?n=10')
    expect(record).toMatchObject({ connectionErrors: 0, timeouts: 0 })
    expect(record.connectionsOpened).toBeGreaterThan(record.ok / 15)
    expect(record.lifetime).toEqual({ sent: arrived, answered })
  })

  test('an 8 s handler in a short run: all in flight at the end, none answered', async () => {
    const record = await drive('/wait?ms=8000', { durationS: 0.5 })
    expect(record).toMatchObject({ sent: 10, ok: 0, inFlightAtEnd: 10, latencyMs: { count: 0, p50: null } })
    expect(record.lifetime).toEqual({ sent: 11, answered: 11 })
  })

  test.each([
    { what: 'bodies that end with the connection', path: '/until-close', bytes: 37, also: {} },
    { what: 'early hints before the answer', path: '/early-hints?ms=5', bytes: 80, also: { non2xx: 0 } },
    { what: 'answers sent twice', path: '/twice', bytes: 37, also: { non2xx: 0 } },
    { what: 'bodies of 5 MiB', path: '/huge?mb=5', bytes: 5 * 2 ** 20, also: { non2xx: 0 } },
  ])('$what are answers', async ({ path, bytes, also }) => {
    const record = await driveEnough(okAtLeast(6), path, {})
    expect(record).toMatchObject({ connectionErrors: 0, timeouts: 0, ...also })
    expect(record.bytesReceived).toBeGreaterThanOrEqual(record.ok * bytes)
  })

  test('HEAD is answered without waiting for a body', async () => {
    const record = await driveEnough(okAtLeast(100), [request('/now', { method: 'HEAD' })], {})
    expect(record).toMatchObject({ non2xx: 0, timeouts: 0, connectionErrors: 0, connectionsOpened: 10 })
  })

  test.each([
    { what: 'half an answer', path: '/half', message: 'closed in the middle of an answer' },
    { what: 'connections that are always closed', path: '/hang-up', message: 'closed without an answer' },
  ])('$what: counted as errors, tried again with pauses, never a spin', async ({ path, message }) => {
    const record = await driveEnough(({ sent }) => sent > 8, path, { connections: 4 })
    expect(record.ok).toBe(0)
    expect(record.connectionErrors + record.inFlightAtEnd).toBe(record.sent)
    expect(record.errorSamples).toEqual([{ message, count: record.connectionErrors }])
    // Pauses of 0, 10, 20, 40 … 320 ms, then of half a second.
    expect(record.sent).toBeLessThanOrEqual(4 * (9 + 2 * record.countedS))
  })

  test('an answer without an end is a timeout', async () => {
    const record = await driveEnough(({ timeouts }) => timeouts >= 4, '/endless', { connections: 4, timeoutS: 0.3 })
    expect(record).toMatchObject({ ok: 0, connectionErrors: 0, inFlightAtEnd: 4 })
  })

  test('redirects are not followed: another status', async () => {
    const record = await driveEnough(({ non2xx }) => non2xx > 0, '/redirect', {})
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
    expect(record.warmup?.tookS).toBeGreaterThanOrEqual(0.5)
    expect(record.warmup?.steady === true || (record.warmup?.tookS ?? 0) >= 10).toBe(true)
    expect(record.connectionsOpened).toBe(4)
    expect(record.lifetime.sent).toBeGreaterThan(record.sent)
    expect(record.seconds.length).toBeGreaterThanOrEqual(1)
  })

  test('keeps the mix and the latency of each route', async () => {
    const mix = [
      request('/wait?ms=100', { route: 'slow', weight: 1 }),
      request('/wait?ms=1', { route: 'fast', weight: 4 }),
    ]
    const record = await driveEnough(okAtLeast(200), mix, {})
    const [slow, fast] = record.routes
    // Cards of one deck: what is missing to a fifth is in flight.
    expect(Math.abs((slow?.ok ?? 0) - record.ok / 5)).toBeLessThanOrEqual(11)
    expect(slow?.latencyMs.p50).toBeGreaterThanOrEqual(99.9)
    expect(fast?.latencyMs.p50).toBeGreaterThanOrEqual(0.99)
    expect(fast?.latencyMs.p50).toBeLessThan(slow?.latencyMs.p50 ?? 0)
  })

  test('deals its connections over several targets', async () => {
    const second = await startKnownServer(2)
    try {
      const targets = [server.url, second.url]
      // Longer than the run, so that each connection sends one request.
      const { lifetime } = await drive('/wait?ms=8000', { connections: 6, durationS: 0.5 }, { targets })
      const { arrived } = await second.counts()
      expect([lifetime.sent, arrived]).toEqual([6 + 2, 3 + 1])
    } finally {
      await second.stop()
    }
  })

  test('a slice that is shorter than a second is reported at its end, with the figures of its record', async () => {
    const reported: DriverProgress[] = []
    const record = await drive('/now', { durationS: 0.4 }, { onProgress: (progress) => reported.push(progress) })
    const { atS, ok, p50Ms, p99Ms } = record.seconds.at(-1) as LoadRecord['seconds'][number]
    const ratePerS = ok / (record.countedS - atS)
    expect(reported.at(-1)).toMatchObject({ phase: 'counting', elapsedS: record.countedS, ratePerS, p50Ms, p99Ms })
    if (record.seconds.length === 1) expect(ratePerS).toBe(record.achievedRatePerS)
  })

  test('an abort ends it, with what was counted so far and nothing sent after it', async () => {
    const aborting = new AbortController()
    const abortWithSome = ({ totals }: DriverProgress): void => {
      if ((totals?.ok ?? 0) > 10) aborting.abort()
    }
    const options = { signal: aborting.signal, onProgress: abortWithSome }
    // The test's own time limit is shorter than that of the run.
    const record = await drive('/wait?ms=20', { durationS: 3600 }, options)
    expect(record.ok).toBeGreaterThan(10)
    expect(record.countedS).toBeLessThan(3600)
    expect(record.inFlightAtEnd).toBe(10)
  })

  test.each([
    { what: 'nothing listens', url: 'http://127.0.0.1:1', message: /nothing listens there/ },
    { what: 'the name is unknown', url: 'http://forkwise.invalid', message: /name is not known|connecting failed/ },
  ])('$what: unreachable, said before any load', async ({ url, message }) => {
    await expect(drive('/now', { durationS: 3600 }, { targets: [new URL(url)] })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
      message: expect.stringMatching(message) as string,
    })
  })

  test('another protocol is unreachable too', async () => {
    await expect(drive('/garbage', {})).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' })
  })

  test('the generator process is reported, and gone afterwards', async () => {
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
