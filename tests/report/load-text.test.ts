import { describe, expect, test } from 'vitest'
import { doubtsOf, loadText } from '../../report/load-text.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord, OpenLoad } from '../../core/load.ts'

const OPEN: OpenLoad = {
  kind: 'open',
  ratePerS: 900,
  arrivals: 'poisson',
  durationS: 10,
  timeoutS: 5,
  seed: 42,
  maxConnections: 100,
}

/** A record of 9,000 answers from 1 to 9 ms, changed as a test needs it. */
function record(more: Partial<LoadRecord> = {}): LoadRecord {
  const histogram = new LatencyHistogram()
  for (let i = 0; i < 9000; i++) histogram.record(1000 + i * (8000 / 9000))
  return {
    schema: 'forkwise/load@1',
    load: OPEN,
    countedS: 10,
    warmup: null,
    scheduled: 9000,
    sent: 9000,
    answered: 9000,
    ok: 9000,
    non2xx: 0,
    timeouts: 0,
    connectionErrors: 0,
    unsent: 0,
    inFlightAtEnd: 0,
    achievedRatePerS: 900,
    latencyMs: histogram.summaryMs(),
    serviceTimeMs: histogram.summaryMs(),
    latenessMs: { p50: 0.002, p99: 0.15, max: 1 },
    generator: { cpuCores: 0.2, eventLoopUtilization: 0.15, processes: 1 },
    bytesReceived: 1000,
    connectionsOpened: 12,
    client: { name: 'undici', connectionPolicy: '' },
    routes: [],
    seconds: [],
    lifetime: { sent: 9001, answered: 9001 },
    errorSamples: [],
    histogram: histogram.toBase64(),
    serviceHistogram: histogram.toBase64(),
    ...more,
  }
}

const plain = { style: (_kind: string, text: string) => text }

describe('the result of a load', () => {
  test('an open loop that went well', () => {
    expect(loadText('http://127.0.0.1:3000/', record(), plain)).toBe(
      [
        'http://127.0.0.1:3000/',
        'open loop, 900/s Poisson for 10 s, seed 42, sent by undici from one process (0.2 cores), 12 connections opened',
        '',
        'requests   9,000 scheduled, 9,000 sent: 9,000 ok',
        'rate       900/s answered as expected',
        '',
        'ms         mean     p50   p90   p95    p99   p99.9   max',
        'latency       5       5   8.2   8.6   8.92       –     9',
        'service       5       5   8.2   8.6   8.92       –     9',
        'lateness          0.002               0.15             1',
        'latency: from the intended start; service: from the send; lateness: the send after the intended start',
      ].join('\n'),
    )
  })

  test('failures are named, most frequent first, and quantiles without enough samples are left out', () => {
    const empty = new LatencyHistogram()
    const text = loadText(
      'http://127.0.0.1:3000/',
      record({
        load: { kind: 'closed', connections: 20, durationS: 10, timeoutS: 5, seed: 1 },
        latenessMs: null,
        ok: 0,
        non2xx: 8000,
        timeouts: 0,
        connectionErrors: 980,
        inFlightAtEnd: 20,
        latencyMs: empty.summaryMs(),
        errorSamples: [
          { message: 'status 503', count: 8000 },
          { message: 'connect ECONNRESET', count: 980 },
        ],
      }),
      plain,
    )
    expect(text).toContain('9,000 sent: 0 ok, 8,000 other status, 980 connection errors, 20 in flight at the end')
    expect(text).toContain('  8,000 × status 503\n  980 × connect ECONNRESET')
    expect(text).toMatch(/latency +–( +–)+/)
  })
})

describe('doubts', () => {
  test.each<{ what: string; more: Partial<LoadRecord>; doubt: RegExp }>([
    { what: 'unsent requests', more: { unsent: 7 }, doubt: /^7 requests were never sent/ },
    {
      what: 'late sends without CPU',
      more: { latenessMs: { p50: 0.1, p99: 4, max: 9 } },
      doubt: /sent late, p99 4 ms: the generator had too little CPU/,
    },
    {
      what: 'late sends for want of connections',
      more: { latenessMs: { p50: 0.1, p99: 40, max: 90 }, connectionsOpened: 100 },
      doubt: /all 100 connections were busy/,
    },
    {
      what: 'a busy generator',
      more: { generator: { cpuCores: 1, eventLoopUtilization: 0.7, processes: 1 } },
      doubt: /used 70 % of its event loop/,
    },
    {
      what: 'a closed loop limited by its generator',
      more: {
        load: { kind: 'closed', connections: 20, durationS: 10, timeoutS: 5, seed: 1 },
        latenessMs: null,
        generator: { cpuCores: 1, eventLoopUtilization: 0.97, processes: 1 },
      },
      doubt: /busy 97 % of the time/,
    },
    { what: 'few answers', more: { ok: 30 }, doubt: /Only 30 requests/ },
  ])('$what', ({ more, doubt }) => {
    expect(doubtsOf(record(more))).toEqual([expect.stringMatching(doubt)])
  })

  test('none where there is nothing to doubt, and lateness is judged against the latency', () => {
    expect(doubtsOf(record())).toEqual([])
    const slow = { ...record().latencyMs, p99: 400 }
    expect(doubtsOf(record({ latencyMs: slow, latenessMs: { p50: 1, p99: 15, max: 30 } }))).toEqual([])
  })
})
