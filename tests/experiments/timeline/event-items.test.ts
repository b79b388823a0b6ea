import { expect, test } from 'vitest'
import { timelineUnit } from '../../../core/timeline.ts'
import { EventItems, launchText, loadSecond } from '../../../experiments/timeline/event-items.ts'
import type { DriverProgress, LoadTotals } from '../../../loadtest/driver-progress.ts'

function totals(sent: number, ok: number, latencyCounts: readonly number[]): LoadTotals {
  return { sent, ok, non2xx: 1, timeouts: 0, connectionErrors: 1, uncounted: 0, latencyCounts, latencySumS: 1 }
}

function progress(elapsedS: number, more: Partial<DriverProgress> = {}): DriverProgress {
  return { phase: 'counting', elapsedS, ratePerS: 90, failed: 0, p50Ms: 1.5, p99Ms: 8, ...more }
}

test('what a load counts in total becomes what each second brought', () => {
  const one = progress(1, { failed: 2, totals: totals(110, 100, [60, 40]) })
  const two = progress(2, { failed: 5, totals: totals(220, 210, [150, 60]) })
  expect(loadSecond(one, null)).toMatchObject({ failed: 2, counts: [60, 40], inFlight: 8, p99Ms: 8, offeredPerS: null })
  expect(loadSecond(two, one)).toMatchObject({ failed: 3, counts: [90, 20], inFlight: 8 })
})

test('a load that begins anew has no second before its first', () => {
  const last = progress(9, { failed: 7, totals: totals(900, 800, [800]) })
  expect(loadSecond(progress(1, { failed: 1, totals: totals(10, 8, [8]) }), last)).toMatchObject({
    failed: 1,
    counts: [8],
  })
})

test('a load whose first second is not over has none', () => {
  expect(new EventItems().of({ type: 'load', progress: progress(0) }, 1)).toEqual([])
  expect(new EventItems().of({ type: 'load', progress: progress(1) }, 1).length).toBe(1)
})

test('units are reported without their addresses; a thread is another unit than its process', () => {
  const unit = { name: 'thread-2', role: 'thread', pid: 7, thread: 2, metricsUrl: 'http://127.0.0.1:9/m' } as const
  expect(timelineUnit(unit)).toEqual({ key: 'thread-2 7.2', name: 'thread-2', role: 'thread', pid: 7, thread: 2 })
  const [item] = new EventItems().of({ type: 'units', launch: { model: 'single' }, units: [unit] }, 4)
  expect(JSON.stringify(item)).not.toContain('127.0.0.1')
})

test('a launch is named by its trial, else by what runs', () => {
  expect(launchText({ model: 'single', workload: 'cpu', trial: 'b01-single-cpu' })).toBe('b01-single-cpu')
  expect(launchText({ model: 'single', workload: 'cpu' })).toBe('single, cpu')
  expect(launchText({ model: 'single' })).toBe('single')
})

test('faults, notes and dropped blocks leave marks; what no page shows leaves none', () => {
  const items = new EventItems()
  expect(items.of({ type: 'fault', fault: 'kill', active: true }, 1)).toEqual([
    { kind: 'mark', atMs: 1, level: 'fault', text: 'kill is injected' },
  ])
  const block = { schema: 'forkwise/block@1', block: 3, workload: 'cpu', kept: false, reasons: ['steal'] } as const
  expect(items.of({ type: 'block-dropped', block }, 2)).toEqual([
    { kind: 'mark', atMs: 2, level: 'warning', text: 'block 3, cpu is dropped: steal' },
  ])
  expect(items.of({ type: 'activity', text: 'warming up' }, 3)).toEqual([])
})

test('verdicts come without their reasons, and an objective holds until its search is over', () => {
  const items = new EventItems()
  const verdict = {
    workload: 'cpu',
    metric: 'throughput',
    baseline: 'single',
    candidate: 'cluster',
    ratio: { estimate: 2, low: 1, high: 3, confidence: 0.95 },
    call: 'inconclusive',
    because: 'too few blocks',
    blocks: 2,
    blocksNeeded: 8,
  } as const
  expect(items.of({ type: 'verdicts', provisional: true, verdicts: [verdict] }, 5)).toEqual([
    {
      kind: 'verdicts',
      atMs: 5,
      final: false,
      verdicts: [
        {
          workload: 'cpu',
          metric: 'throughput',
          baseline: 'single',
          candidate: 'cluster',
          call: 'inconclusive',
          blocks: 2,
          ratio: { estimate: 2, low: 1, high: 3 },
        },
      ],
    },
  ])
  const search = { model: 'single', workload: 'io', workers: 1, objective: 'p99<50ms,errors<1%' }
  expect(items.of({ type: 'search-started', search, budgetS: 60 }, 6)).toEqual([
    { kind: 'objective', atMs: 6, text: 'p99<50ms,errors<1%', limits: [{ name: 'p99', ms: 50 }] },
  ])
})

test('each route has its own part of a second', () => {
  const one = progress(1, { totals: { ...totals(10, 8, [8, 0]), routes: { '/a': [3, 0], '/b': [5, 0] } } })
  const two = progress(2, { totals: { ...totals(20, 18, [14, 4]), routes: { '/a': [6, 1], '/b': [8, 3] } } })
  expect(loadSecond(two, one)).toMatchObject({ counts: [6, 4], routes: { '/a': [3, 1], '/b': [3, 3] } })
  expect(loadSecond(progress(1, { totals: totals(10, 8, [8]) }), null)).not.toHaveProperty('routes')
})
