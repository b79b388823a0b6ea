import { describe, expect, test } from 'vitest'
import type { LoadRecord } from '../../core/load.ts'
import { doubtsOf } from '../../loadtest/doubts.ts'
import { madeUpLoad } from './made-up-load.ts'

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
    expect(doubtsOf(madeUpLoad(more))).toEqual([expect.stringMatching(doubt)])
  })

  test('none where there is nothing to doubt, and lateness is judged against the latency', () => {
    expect(doubtsOf(madeUpLoad())).toEqual([])
    const slow = { ...madeUpLoad().latencyMs, p99: 400 }
    expect(doubtsOf(madeUpLoad({ latencyMs: slow, latenessMs: { p50: 1, p99: 15, max: 30 } }))).toEqual([])
  })
})
