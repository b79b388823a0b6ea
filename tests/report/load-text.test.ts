import { describe, expect, test } from 'vitest'
import { loadText } from '../../report/load-text.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import { madeUpLoad } from '../loadtest/made-up-load.ts'

const plain = (_kind: string, text: string): string => text

describe('the result of a load', () => {
  test('an open loop that went well', () => {
    expect(loadText('http://127.0.0.1:3000/', madeUpLoad(), ['The generator was late.'], plain)).toBe(
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
        '',
        '! The generator was late.',
      ].join('\n'),
    )
  })

  test('failures are named, most frequent first, and quantiles without enough samples are left out', () => {
    const empty = new LatencyHistogram()
    const text = loadText(
      'http://127.0.0.1:3000/',
      madeUpLoad({
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
      [],
      plain,
    )
    expect(text).toContain('9,000 sent: 0 ok, 8,000 other status, 980 connection errors, 20 in flight at the end')
    expect(text).toContain('  8,000 × status 503\n  980 × connect ECONNRESET')
    expect(text).toMatch(/latency +–( +–)+/)
  })
})
