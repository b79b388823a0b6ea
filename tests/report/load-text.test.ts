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

  test('agents are named with their shares and the network, which is told apart', () => {
    const record = madeUpLoad()
    const agent = {
      address: '10.0.0.2:7420',
      host: 'gen1',
      cores: 4,
      node: '20.20.2',
      processes: 1,
      sent: 4480,
      controllerRoundTripMs: 0.2,
      clockDriftMs: 0.001,
      startLateMs: 0.1,
      latenessP99Ms: 0.2,
      network: { samples: 15, roundTripMs: 0.5, jitterMs: 0.1 },
    }
    const { latencyMs } = record
    const text = loadText(
      'http://10.0.0.1:3000/',
      madeUpLoad({
        agents: {
          startSkewMs: 0.05,
          startSkewBoundMs: 0.25,
          latencyWithoutNetworkMs: { ...latencyMs, p50: 4.5 },
          agents: [agent, { ...agent, address: '10.0.0.3:7420', host: 'gen2', cores: 1, sent: 4520, network: null }],
        },
      }),
      [],
      plain,
    )
    expect(text).toContain(
      [
        'agents:',
        '  10.0.0.2:7420 (gen1, 4 cores) sent 4,480, round trip 0.5 ms ± 0.05 ms',
        '  10.0.0.3:7420 (gen2, 1 core) sent 4,520',
        '  began 0.05 ms apart, at most 0.25 ms',
      ].join('\n'),
    )
    expect(text).toMatch(/^without network +5 +4\.5 /m)
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
