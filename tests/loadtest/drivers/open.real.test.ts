import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadRecord, OpenLoad, WorkloadRequest } from '../../../core/load.ts'
import { startKnownServer, type KnownServer } from '../../../loadtest/calibration/known-server-process.ts'
import { driverFor } from '../../../loadtest/drivers.ts'
import { runOpenLoad } from '../../../loadtest/drivers/open.ts'
import type { DriverProgress } from '../../../loadtest/driver-progress.ts'
import type { DriverEvents, DriverOptions } from '../../../loadtest/driver.ts'
import { planArrivals } from '../../../loadtest/drivers/schedule.ts'
import { untilEnough } from './enough.ts'
import { expectLedger } from './ledger.ts'

let server: KnownServer

beforeAll(async () => {
  server = await startKnownServer()
})
afterAll(async () => server.stop())

interface Options extends DriverEvents, Partial<Pick<DriverOptions, 'signal' | 'onProcess'>> {
  readonly targets?: readonly URL[]
  readonly processes?: number
}

/** Runs an open loop against the known server and checks what always holds. */
async function drive(
  path: string | readonly WorkloadRequest[],
  more: Partial<OpenLoad>,
  options: Options = {},
): Promise<LoadRecord> {
  const requests = typeof path === 'string' ? [request(path)] : path
  const load: OpenLoad = {
    kind: 'open',
    ratePerS: 100,
    arrivals: 'poisson',
    durationS: 1,
    timeoutS: 30,
    seed: 1,
    maxConnections: 200,
    ...more,
  }
  const { signal = new AbortController().signal, targets = [server.url], processes = 1, ...events } = options
  const record = await runOpenLoad(targets, { id: 'test', requests }, load, { signal, ...events }, processes)
  expectLedger(record)
  const { instantsMs, countedFromMs } = planArrivals(load, requests)
  expect(record.scheduled).toBe(instantsMs.filter((at) => at >= countedFromMs).length)
  return record
}

function request(path: string, more: Partial<WorkloadRequest> = {}): WorkloadRequest {
  return { route: path, method: 'GET', path, weight: 1, expectStatus: 200, ...more }
}

describe.concurrent('the open loop reports the truth', () => {
  test('a server that takes 100 ms, at any rate', async () => {
    const record = await drive('/wait?ms=100', { ratePerS: 100 })
    expect(record).toMatchObject({ unsent: 0, inFlightAtEnd: 0, ok: record.scheduled })
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(99.9)
    expect(record.serviceTimeMs.p50).toBeGreaterThanOrEqual(99.9)
  })

  test('answers within some µs are not rounded to nothing', async () => {
    const record = await drive('/now', { durationS: 0.5 })
    expect(record.serviceTimeMs.p50).toBeGreaterThan(0.01)
  })

  test('arrivals are spread over each second, not bunched at its start: none comes before its instant', async () => {
    const instantsMs: number[] = []
    const watching = createServer((_request, response) => {
      instantsMs.push(performance.now())
      response.end('ok')
    })
    await new Promise<void>((resolve) => watching.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://127.0.0.1:${(watching.address() as AddressInfo).port}`)
    let spawnedMs = Number.NaN
    const onProcess = (): void => {
      spawnedMs = performance.now()
    }
    const load = { ratePerS: 200, arrivals: 'constant', durationS: 2 } as const
    const record = await drive('/now', load, { targets: [url], onProcess })
    watching.close()
    expect(record).toMatchObject({ sent: 400, ok: 400 })
    const ofLoad = instantsMs.filter((atMs) => atMs > spawnedMs)
    expect(ofLoad).toHaveLength(400)
    expect(ofLoad.filter((atMs, i) => atMs < spawnedMs + i * 5)).toEqual([])
  })

  test('5 % never answered: they are timeouts in the tail', async () => {
    const record = await drive('/never?share=0.05', { ratePerS: 500, timeoutS: 0.5 })
    expect(record.timeouts / record.sent).toBeGreaterThan(0.02)
    expect(record.timeouts + record.ok).toBe(record.sent)
    expect(record.latencyMs.p99).toBeGreaterThanOrEqual(499)
  })

  test('half of the answers are instant 503s: they are apart, and the good ones keep their 50 ms', async () => {
    const record = await drive('/mixed-status?ms=50', { durationS: 0.6 })
    expect(Math.abs(record.ok - record.non2xx)).toBeLessThanOrEqual(2)
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(49.9)
  })

  test('a fifth is closed without an answer: connection errors', async () => {
    const record = await drive('/hang-up?share=0.2', { ratePerS: 500, durationS: 0.6 })
    expect(record.connectionErrors / record.sent).toBeGreaterThan(0.1)
    expect(record.connectionErrors / record.sent).toBeLessThan(0.3)
    expect(record.errorSamples).toEqual([{ message: 'closed without an answer', count: record.connectionErrors }])
  })

  test.each([
    { what: 'announces `Connection: close`', path: '/close?ms=50' },
    { what: 'closes without saying so', path: '/close-silently?ms=50' },
  ])('a server of 50 ms that $what: 50 ms, no errors', async ({ path }) => {
    const record = await drive(path, { durationS: 0.6 })
    expect(record).toMatchObject({ ok: record.sent, connectionErrors: 0 })
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(49.9)
    expect(record.connectionsOpened).toBeGreaterThanOrEqual(record.ok)
  })

  test('a 3 s handler in a short run is waited for and shows', async () => {
    const record = await drive('/wait?ms=1200', { ratePerS: 20, durationS: 0.4 })
    expect(record).toMatchObject({ ok: record.scheduled, timeouts: 0, inFlightAtEnd: 0 })
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(1199)
  })

  test('what has not ended one timeout after the end counts as a timeout', async () => {
    const record = await drive('/wait?ms=60000', { ratePerS: 20, durationS: 0.4, timeoutS: 1.5 })
    expect(record).toMatchObject({ timeouts: record.scheduled, ok: 0, inFlightAtEnd: 0 })
    expect(record.latencyMs.p50).toBeGreaterThanOrEqual(1498)
  })

  test('too few connections: arrivals wait, and their wait counts in latency and lateness', async () => {
    const record = await drive('/wait?ms=50', {
      ratePerS: 40,
      arrivals: 'constant',
      durationS: 1,
      maxConnections: 1,
    })
    // One connection serves 20 a second: of 40 arrivals the last has waited about a second.
    expect(record).toMatchObject({ sent: 40, ok: 40, unsent: 0, connectionsOpened: 1 })
    expect(record.latencyMs.max).toBeGreaterThan(900)
    expect(record.latenessMs?.max).toBeGreaterThan(850)
    // Not in the service time: one after the other, all of them fit in between the first arrival and the last answer.
    const { count, mean } = record.serviceTimeMs
    expect(count * (mean ?? Number.NaN)).toBeLessThanOrEqual((1000 + (record.latencyMs.max ?? Number.NaN)) * 1.01)
  })

  test('arrivals that found no connection by one timeout after the end are unsent', async () => {
    const record = await drive('/wait?ms=200', {
      ratePerS: 40,
      arrivals: 'constant',
      durationS: 1,
      maxConnections: 1,
      timeoutS: 2,
    })
    // One connection is asked at most 16 times in 3 s; what takes longer than the timeout is one.
    expect(record.unsent).toBeGreaterThanOrEqual(40 - 16)
    expect(record.ok + record.timeouts).toBe(record.sent)
    expect(record.ok).toBeGreaterThan(0)
  })

  test.each([
    { what: 'bodies that end with the connection', path: '/until-close' },
    { what: 'early hints before the answer', path: '/early-hints?ms=5' },
    { what: 'bodies of 5 MiB', path: '/huge?mb=5', ratePerS: 10 },
    { what: 'a server that closes with every tenth answer', path: '/last-of?n=10' },
  ])('$what are answers', async ({ path, ratePerS = 50 }) => {
    // What is received after the last instant is not among the bytes.
    const hasBytes = ({ ok, bytesReceived }: LoadRecord): boolean => (bytesReceived ?? 0) > ok * 20
    const { record } = await untilEnough(hasBytes, async (durationS) => ({
      record: await drive(path, { ratePerS, durationS }),
    }))
    expect(record).toMatchObject({ ok: record.sent, connectionErrors: 0 })
  })

  test('HEAD is answered without waiting for a body', async () => {
    const record = await drive([request('/now', { method: 'HEAD' })], { durationS: 0.5 })
    expect(record.ok).toBe(record.sent)
  })

  test.each([
    { what: 'half an answer', path: '/half', message: 'closed in the middle of an answer' },
    { what: 'connections that are always closed', path: '/hang-up', message: 'closed without an answer' },
  ])('$what: as many errors as arrivals', async ({ path, message }) => {
    const record = await drive(path, { durationS: 0.5 })
    expect(record.errorSamples).toEqual([{ message, count: record.scheduled }])
  })

  test('an answer without an end is a timeout; redirects are not followed', async () => {
    const endless = await drive('/endless', { ratePerS: 20, durationS: 0.5, timeoutS: 1.5 })
    expect(endless.timeouts).toBe(endless.scheduled)
    const redirected = await drive('/redirect', { durationS: 0.3 })
    expect(redirected.non2xx).toBe(redirected.scheduled)
  })
})

describe('a run of the open loop', () => {
  test('counts only what was to be sent after the warm-up, and agrees with the server', async () => {
    const server = await startKnownServer()
    const targets = [server.url]
    const record = await drive('/now', { ratePerS: 100, durationS: 0.6, warmupS: 0.4 }, { targets })
    const { arrived, answered } = await server.counts()
    await server.stop()
    expect(record.lifetime).toEqual({
      sent: arrived,
      answered,
    })
    expect(record.lifetime.sent).toBeGreaterThan(record.sent + 20)
    expect(record.countedS).toBeCloseTo(0.6, 6)
  })

  test('two processes send the same schedule and give one record', async () => {
    const pids: number[] = []
    const calls: string[] = []
    const record = await drive(
      [request('/wait?ms=5', { route: 'a' }), request('/now', { route: 'b' })],
      { ratePerS: 200, durationS: 1.2 },
      {
        processes: 2,
        onProcess: (pid) => pids.push(pid),
        onCounting: () => calls.push('counting'),
        onCounted: () => calls.push('counted'),
      },
    )
    expect(pids).toHaveLength(2)
    expect(calls).toEqual(['counting', 'counted'])
    expect(record).toMatchObject({ ok: record.scheduled, generator: { processes: 2 } })
    expect(Math.abs((record.routes[0]?.ok ?? 0) - (record.routes[1]?.ok ?? 0))).toBeLessThanOrEqual(1)
  })

  test('deals its requests over several targets in turn', async () => {
    const second = await startKnownServer(2)
    try {
      const record = await drive('/wait?ms=10', { durationS: 0.5 }, { targets: [server.url, second.url] })
      const counts = await second.counts()
      expect(Math.abs(counts.arrived - 1 - record.sent / 2)).toBeLessThanOrEqual(1)
    } finally {
      await second.stop()
    }
  })

  test('a slice that is shorter than a second is reported at its end, with the figures of its record', async () => {
    const reported: DriverProgress[] = []
    const run = async (): Promise<LoadRecord> =>
      drive('/now', { durationS: 0.4 }, { onProgress: (progress) => reported.push(progress) })
    let record = await run()
    // Where the machine stands still, the answers of the end belong to a second of their own.
    while (record.seconds.length > 1) record = await run()
    const { achievedRatePerS: ratePerS, latencyMs, latenessMs } = record
    expect(reported.at(-1)).toMatchObject({
      phase: 'counting',
      elapsedS: record.countedS,
      ratePerS,
      p50Ms: latencyMs.p50,
      p99Ms: latencyMs.p99,
      offeredRatePerS: 100,
      latenessP99Ms: latenessMs?.p99,
    })
  })

  test('an abort ends it: the rest is unsent, what is under way is in flight', async () => {
    const aborting = new AbortController()
    const abortWithSome = ({ totals }: DriverProgress): void => {
      if ((totals?.sent ?? 0) > 5) aborting.abort()
    }
    // The test's own time limit is shorter than that of the run.
    const options = { signal: aborting.signal, onProgress: abortWithSome }
    const record = await drive('/wait?ms=60000', { ratePerS: 100, durationS: 600 }, options)
    expect(record.inFlightAtEnd).toBeGreaterThan(5)
    expect(record.unsent).toBeGreaterThan(record.scheduled / 2)
  })

  test('a rate above the ceiling is refused with the ceiling', async () => {
    const load: OpenLoad = {
      kind: 'open',
      ratePerS: 5e6,
      arrivals: 'constant',
      durationS: 1,
      timeoutS: 1,
      seed: 1,
      maxConnections: 10,
    }
    const running = driverFor(load).run([server.url], { id: 'test', requests: [request('/now')] }, load, {
      signal: new AbortController().signal,
    })
    await expect(running).rejects.toMatchObject({
      code: 'MACHINE_UNFIT',
      message: expect.stringMatching(/at most [\d,.]+\/s as just measured, got 5,000,000\/s/) as string,
    })
  })

  test('nothing listens: unreachable', async () => {
    await expect(drive('/now', {}, { targets: [new URL('http://127.0.0.1:1')] })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
    })
  })
})
