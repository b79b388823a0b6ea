import { describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { OpenLoad } from '../../../core/load.ts'
import { mergeParts } from '../../../loadtest/drivers/merge.ts'
import { Recorder } from '../../../loadtest/drivers/recorder.ts'
import type { GeneratorPart } from '../../../loadtest/generator-protocol.ts'
import { seededRandom } from '../../../core/random.ts'
import { expectLedger } from './ledger.ts'

const LOAD: OpenLoad = {
  kind: 'open',
  ratePerS: 10,
  arrivals: 'poisson',
  durationS: 2,
  timeoutS: 1,
  seed: 1,
  maxConnections: 10,
}

const REQUESTS = ['a', 'b'].map((route) => ({
  route,
  method: 'GET' as const,
  path: `/${route}`,
  weight: 1,
  expectStatus: 200,
}))

/** What a process would hand over that recorded this. */
function partOf(recorder: Recorder, more: Partial<GeneratorPart> = {}): GeneratorPart {
  recorder.closeLastSecond(2, 0)
  return {
    ...recorder.part(),
    countedS: 2,
    warmup: null,
    ledger: recorder.ledger({ scheduled: recorder.sent, unsent: 0 }),
    lateness: new LatencyHistogram().toBase64(),
    cpuCores: 0.5,
    lifetimeCpuS: 1,
    eventLoopUtilization: 0.4,
    realTime: true,
    inFlightMs: 0,
    arrivals: { plannedMs: [], sentMs: [] },
    bytesReceived: 100,
    connectionsOpened: 3,
    client: { name: 'undici', connectionPolicy: '' },
    lifetime: { sent: recorder.sent, answered: recorder.ok + recorder.non2xx },
    ...more,
  }
}

/** Records a seeded run of 400 requests, in one recorder or dealt over several. */
function recordRun(recorders: readonly Recorder[]): void {
  const random = seededRandom(5)
  for (let i = 0; i < 400; i++) {
    const recorder = recorders[i % recorders.length] as Recorder
    recorder.countSent()
    const kind = random()
    const us = random() * 1e5
    if (kind < 0.8) recorder.countEnding(i % 2, { kind: 'answer', status: 200, latencyUs: us, serviceUs: us / 2 })
    else if (kind < 0.85) recorder.countEnding(0, { kind: 'answer', status: 500, latencyUs: us, serviceUs: us })
    else if (kind < 0.9) recorder.countEnding(1, { kind: 'timeout' }, 1000)
    else if (kind < 0.95) recorder.countEnding(0, { kind: 'connection-error', message: `error ${i % 7}` })
    if (i % 100 === 99) for (const each of recorders) each.closeSecond('counting')
  }
}

describe('merging parts', () => {
  test('several processes give the record that one would have given', () => {
    const one = new Recorder(REQUESTS, 1, 'open')
    const several = [
      new Recorder(REQUESTS, 1, 'open'),
      new Recorder(REQUESTS, 1, 'open'),
      new Recorder(REQUESTS, 1, 'open'),
    ]
    recordRun([one])
    recordRun(several)
    const single = mergeParts(LOAD, [partOf(one, { cpuCores: 1.5, bytesReceived: 300, connectionsOpened: 9 })])
    const merged = mergeParts(
      LOAD,
      several.map((recorder) => partOf(recorder)),
    )
    expectLedger(single)
    expect({ ...merged, generator: { ...merged.generator, processes: 1 } }).toEqual(single)
    expect(merged.generator).toMatchObject({ processes: 3, priority: 'real-time' })
  })

  test.each([
    { what: 'one route', requests: REQUESTS.slice(0, 1) },
    { what: 'two routes', requests: REQUESTS },
  ])('closed loop, $what: service time is latency, and each answer is counted once', ({ requests }) => {
    const recorder = new Recorder(requests, 1, 'closed')
    for (let i = 0; i < 10; i++) {
      recorder.countSent()
      recorder.countEnding(i % requests.length, { kind: 'answer', status: 200, latencyUs: 1000, serviceUs: 1000 })
    }
    const load = { kind: 'closed', connections: 1, durationS: 2, timeoutS: 1, seed: 1 } as const
    const record = mergeParts(load, [partOf(recorder, { lateness: null })])
    expectLedger(record)
    expect(record).toMatchObject({ ok: 10, latencyMs: { count: 10 }, serviceTimeMs: { count: 10 }, latenessMs: null })
  })

  test('a timeout of a request that was sent late counts as late plus the timeout', () => {
    const recorder = new Recorder(REQUESTS, 1, 'open')
    recorder.countSent()
    recorder.countEnding(0, { kind: 'timeout' }, 500_000)
    const record = mergeParts(LOAD, [partOf(recorder)])
    expect(record.latencyMs.max).toBeCloseTo(1500, -1)
    expect(record.serviceTimeMs.max).toBeCloseTo(1000, -1)
    expect(record).toMatchObject({ timeouts: 1, ok: 0 })
  })

  test('the five most frequent errors are named, however many there are', () => {
    const recorder = new Recorder(REQUESTS, 1, 'open')
    for (let i = 0; i < 60; i++) {
      recorder.countSent()
      recorder.countEnding(0, { kind: 'connection-error', message: i < 10 ? 'often' : `error ${i}` })
    }
    const { errorSamples } = mergeParts(LOAD, [partOf(recorder)])
    expect(errorSamples).toHaveLength(5)
    expect(errorSamples[0]).toEqual({ message: 'other errors', count: 31 })
    expect(errorSamples[1]).toEqual({ message: 'often', count: 10 })
  })

  test('seconds that were missed are empty, and later ones keep their place', () => {
    const recorder = new Recorder(REQUESTS, 1, 'open')
    recorder.countSent()
    recorder.closeSecond('counting', 0, 1)
    recorder.countSent()
    expect(recorder.closeSecond('counting', 0, 4)).toMatchObject({ elapsedS: 4 })
    expect(recorder.part().seconds.map(({ atS, sent }) => [atS, sent])).toEqual([
      [0, 1],
      [1, 0],
      [2, 0],
      [3, 1],
    ])
  })

  test('nothing counted: a rate of 0, not a division by 0', () => {
    const record = mergeParts(LOAD, [partOf(new Recorder(REQUESTS, 1, 'open'), { countedS: 0 })])
    expectLedger(record)
    expect(record).toMatchObject({ achievedRatePerS: 0, seconds: [], latencyMs: { p99: null } })
  })
})
