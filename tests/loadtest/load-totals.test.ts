import { expect, test } from 'vitest'
import { bucketCounts, DURATION_BUCKETS_S } from '../../core/metrics.ts'
import { addTotals } from '../../loadtest/load-totals.ts'

test('durations fall into the bucket whose bound they do not pass, the longest into one of their own', () => {
  const { counts, sumS } = bucketCounts([
    [500, 2],
    [501, 3],
    [10_000_000, 1],
    [10_000_001, 4],
  ])
  expect(counts).toHaveLength(DURATION_BUCKETS_S.length + 1)
  expect(counts.slice(0, 2)).toEqual([2, 3])
  expect(counts.slice(-2)).toEqual([1, 4])
  expect(sumS).toBeCloseTo(0.001 + 0.001503 + 10 + 40.000004, 9)
})

test('totals of several processes add up, also when one has counted no latency yet', () => {
  const warm = { sent: 5, ok: 0, non2xx: 0, timeouts: 0, connectionErrors: 0, uncounted: 4 }
  const counted = { sent: 9, ok: 3, non2xx: 2, timeouts: 1, connectionErrors: 1, uncounted: 0 }
  expect(
    addTotals([
      { ...warm, latencyCounts: [], latencySumS: 0 },
      { ...counted, latencyCounts: [1, 2], latencySumS: 0.5 },
    ]),
  ).toEqual({
    sent: 14,
    ok: 3,
    non2xx: 2,
    timeouts: 1,
    connectionErrors: 1,
    uncounted: 4,
    latencyCounts: [1, 2],
    latencySumS: 0.5,
  })
  expect(addTotals([])).toBeNull()
})

test('routes add up by name', () => {
  const none = { sent: 0, ok: 0, non2xx: 0, timeouts: 0, connectionErrors: 0, uncounted: 0, latencySumS: 0 }
  const one = { ...none, latencyCounts: [3], routes: { '/a': [1], '/b': [2] } }
  const two = { ...none, latencyCounts: [4], routes: { '/b': [4] } }
  expect(addTotals([one, two])?.routes).toEqual({ '/a': [1], '/b': [6] })
  expect(addTotals([one, { ...none, latencyCounts: [] }])?.routes).toEqual(one.routes)
  expect(
    addTotals([
      { ...none, latencyCounts: [] },
      { ...none, latencyCounts: [] },
    ]),
  ).not.toHaveProperty('routes')
})
