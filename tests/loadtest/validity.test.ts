import { describe, expect, test } from 'vitest'
import type { LoadRecord } from '../../core/load.ts'
import type { HostUsage } from '../../core/records.ts'
import { failureFaults, gateReasons, loadFaults, reconcile } from '../../loadtest/validity.ts'

const QUIET: HostUsage = {
  wallS: 1,
  foreignCores: 0.05,
  stealRatio: 0,
  generatorCores: 0.4,
  dependencyCores: 0,
  throttled: null,
}

describe('gates', () => {
  test.each<[string, Partial<HostUsage>, string[]]>([
    ['an idle machine passes', {}, []],
    ['a busy server does not count as foreign', { generatorCores: 2 }, []],
    [
      'other programs above 10 % of each core',
      { foreignCores: 0.3 },
      ['other programs used 15 % of each core (limit 10 %) during b'],
    ],
    [
      'a hypervisor that takes more than 2 %',
      { stealRatio: 0.05 },
      ['the hypervisor took 5 % of the CPU (limit 2 %) during b'],
    ],
    ['a quota that throttles', { throttled: 3 }, ['the CPU quota throttled the run 3 times during b']],
  ])('%s', (_sentence, usage, reasons) => {
    const slices = [
      { trialId: 'a', host: QUIET },
      { trialId: 'b', host: { ...QUIET, ...usage } },
    ]
    expect(gateReasons(slices, 2)).toEqual(reasons)
  })
})

/** Service times of which only number and mean count. */
function serviceOf(count: number, mean: number): LoadRecord['serviceTimeMs'] {
  return { count, mean, p50: mean, p90: mean, p95: mean, p99: mean, p999: mean, max: mean }
}

/** The fields that validity looks at, of a load that was as asked. */
const LOAD = {
  load: { kind: 'open', ratePerS: 100, arrivals: 'poisson', durationS: 10, timeoutS: 5, seed: 1, maxConnections: 64 },
  scheduled: 1000,
  sent: 1000,
  unsent: 0,
  ok: 990,
  non2xx: 4,
  timeouts: 3,
  connectionErrors: 2,
  inFlightAtEnd: 1,
  latencyMs: { count: 993, mean: 5, p50: 4, p90: 8, p95: 9, p99: 20, p999: 30, max: 40 },
  serviceTimeMs: serviceOf(993, (990 * 5 + 3 * 5000) / 993),
  latenessMs: { p50: 0.01, p99: 0.2, max: 1 },
  generator: { cpuCores: 0.3, eventLoopUtilization: 0.3, processes: 1 },
  lifetime: { sent: 1000, answered: 994 },
  errorSamples: [],
} as unknown as LoadRecord

describe('load validity', () => {
  test.each<[string, Partial<LoadRecord>, RegExp | null]>([
    ['a load as asked', {}, null],
    ['a ledger with a hole', { ok: 989 }, /1000 sent, 999 accounted for/],
    ['a schedule with a hole', { scheduled: 1001 }, /1001 scheduled, 1000 sent, 0 unsent/],
    ['requests never sent', { scheduled: 1005, unsent: 5 }, /5 scheduled requests were never sent/],
    ['no good answer at all', { ok: 0, non2xx: 994 }, /no request was answered as expected/],
    [
      'a generator at its limit',
      { generator: { cpuCores: 1, eventLoopUtilization: 0.8, processes: 1 } },
      /80 % of its event loop/,
    ],
    ['as many in flight as the latencies say', { meanInFlight: 0.5, countedS: 10 }, null],
    ['more in flight than the latencies say', { meanInFlight: 0.6, countedS: 10 }, /% from Little's law \(limit 2 %\)/],
    [
      'answers in some µs',
      {
        meanInFlight: 0.003,
        countedS: 10,
        ok: 1000,
        non2xx: 0,
        timeouts: 0,
        connectionErrors: 0,
        inFlightAtEnd: 0,
        serviceTimeMs: serviceOf(1000, 0.026),
      },
      null,
    ],
    [
      'bunched sends',
      { arrivalFit: { gaps: 500, planned: 0.5, sent: 9 } },
      /not sent like independent arrivals.*500 gaps/,
    ],
    ['a schedule that looks bunched by chance', { arrivalFit: { gaps: 500, planned: 2.1, sent: 2.2 } }, null],
    ['late sends', { latenessMs: { p50: 0.1, p99: 3, max: 9 } }, /sent late: p99 3 ms \(limit 2 ms\)/],
  ])('%s', (_sentence, change, expected) => {
    const faults = loadFaults({ ...LOAD, ...change }).join('\n')
    if (expected === null) expect(faults).toBe('')
    else expect(faults).toMatch(expected)
  })
})

test.each([
  ['as many as the client got', 994, true],
  ['those still on their way included', 1000, true],
  ['fewer than the client got', 993, false],
  ['more than the client sent', 1001, false],
  ['a server that does not report', null, true],
])('a server that answered %s', (_sentence, serverAnswered, agrees) => {
  expect(reconcile([LOAD], serverAnswered).agrees).toBe(agrees)
})

describe('failures of a slice that counts', () => {
  const none = { timeouts: 0, connectionErrors: 0, inFlightAtEnd: 0 }
  const errorSamples = [
    { message: 'read ECONNRESET', count: 2 },
    { message: 'status 429', count: 500 },
  ]

  test('are named with their share, and a limiter by its status', () => {
    expect(failureFaults({ ...LOAD, ...none, sent: 1000, ok: 500, non2xx: 500, errorSamples })).toEqual([
      '50 % of the requests failed, most often: status 429 (limit 1 %): the app limits its rate',
    ])
  })

  test('may be the odd one', () => {
    expect(failureFaults({ ...LOAD, ...none, sent: 1000, ok: 995, non2xx: 5, errorSamples })).toEqual([])
  })

  test('are reported once when nothing else was answered', () => {
    const nothing = { ...LOAD, sent: 1000, ok: 0, non2xx: 1000, errorSamples }
    expect(failureFaults(nothing)).toEqual([])
    expect(loadFaults(nothing)).toContainEqual('no request was answered as expected, most often: status 429')
  })
})

test('a server that calls itself may have answered more than the client asked for, and no less', () => {
  const { answered, sent } = LOAD.lifetime
  expect(reconcile([LOAD], sent * 2, true).agrees).toBe(true)
  expect(reconcile([LOAD], sent * 2).agrees).toBe(false)
  expect(reconcile([LOAD], answered - 1, true).agrees).toBe(false)
})
