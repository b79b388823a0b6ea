import { describe, expect, test } from 'vitest'
import type { LoadRecord } from '../../core/load.ts'
import { doubtsOf } from '../../loadtest/doubts.ts'
import { madeUpLoad } from './made-up-load.ts'

function agents(latenessP99Ms: readonly number[], startSkewBoundMs: number): NonNullable<LoadRecord['agents']> {
  return {
    startSkewMs: 0.1,
    startSkewBoundMs,
    latencyWithoutNetworkMs: null,
    agents: latenessP99Ms.map((late, i) => ({
      address: `10.0.0.${i + 1}:7420`,
      host: `gen${i}`,
      cores: 2,
      node: '20.20.2',
      processes: 1,
      sent: 4500,
      controllerRoundTripMs: 0.2,
      clockDriftMs: 0,
      startLateMs: 0.1,
      latenessP99Ms: late,
      network: null,
    })),
  }
}

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
    { what: 'agents that may have begun apart', more: { agents: agents([0.2, 0.3], 9) }, doubt: /up to 9 ms apart/ },
    {
      what: 'a late agent among punctual ones',
      more: { agents: agents([0.2, 7], 0.1) },
      doubt: /^Late were the agents 10\.0\.0\.2:7420 \(gen1, p99 7 ms\)/,
    },
    { what: 'few answers', more: { ok: 30 }, doubt: /Only 30 requests/ },
  ])('$what', ({ more, doubt }) => {
    expect(doubtsOf(madeUpLoad(more))).toEqual([expect.stringMatching(doubt)])
  })

  test('none where there is nothing to doubt, and lateness is judged against the latency', () => {
    expect(doubtsOf(madeUpLoad())).toEqual([])
    const slow = { ...madeUpLoad().latencyMs, p99: 400 }
    expect(doubtsOf(madeUpLoad({ latencyMs: slow, latenessMs: { p50: 1, p99: 15, max: 30 } }))).toEqual([])
  })
})
