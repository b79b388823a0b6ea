import { describe, expect, test } from 'vitest'
import {
  atMostTimesMean,
  factAtLeast,
  factAtMost,
  factWithin,
  growthPerRequestAtMost,
  isServed,
  isStruck,
  lostAtMost,
  noneOlderThan,
  quantileBelow,
} from '../../../analysis/drill/clauses.ts'
import { LedgerWindow } from '../../../analysis/drill/window.ts'
import { routeOf, secondOf } from './made-up-seconds.ts'

const calm = new LedgerWindow([secondOf(1), secondOf(2)])
const empty = new LedgerWindow([secondOf(1, { routes: {} })])

test('a quantile of latency', () => {
  expect(quantileBelow(calm, 'io', 50)).toMatchObject({ met: true, measured: '20 ms' })
  const slow = new LedgerWindow([
    secondOf(1),
    secondOf(2, {
      routes: {
        io: routeOf({
          okLatencies: [
            [900_000, 5],
            [20_000, 95],
          ],
        }),
      },
    }),
  ])
  expect(quantileBelow(slow, 'io', 50)).toMatchObject({ met: false })
  expect(quantileBelow(slow, 'io', 50, { q: 0.9 })).toMatchObject({ met: true })
  expect(quantileBelow(empty, 'io', 50)).toMatchObject({ met: false, measured: 'nothing was answered' })
})

test('of every end, where that is asked for', () => {
  const refused = routeOf({ ok: 0, non2xx: 100, okLatencies: [], failedLatencies: [[3000, 100]] })
  const window = new LedgerWindow([secondOf(1, { routes: { io: refused } })])
  expect(quantileBelow(window, 'io', 50)).toMatchObject({ met: false })
  expect(quantileBelow(window, 'io', 50, { ends: 'all' })).toMatchObject({ met: true, measured: '3 ms' })
})

test('a share that is lost', () => {
  const window = new LedgerWindow([secondOf(1, { routes: { io: routeOf({ ok: 95, timeouts: 5 }) } })])
  expect(lostAtMost(window, 'io', 0.05)).toMatchObject({ met: true, measured: '5 % lost (5 of 100)' })
  expect(lostAtMost(window, 'io', 0)).toMatchObject({ met: false })
  expect(lostAtMost(calm, 'io', 0)).toMatchObject({ met: true })
  expect(lostAtMost(empty, 'io', 0.5)).toMatchObject({ met: false, measured: 'none ended' })
})

test('the age of what is open, at the end of any second', () => {
  expect(noneOlderThan(calm, 3000)).toMatchObject({ met: true })
  expect(noneOlderThan(new LedgerWindow([secondOf(1, { oldestMs: 4000 }), secondOf(2)]), 3000)).toMatchObject({
    met: false,
    measured: '4.0 s',
  })
})

test('figures beside the ledger, in every second', () => {
  const window = new LedgerWindow([secondOf(1, { facts: { ready: 2 } }), secondOf(2, { facts: { ready: 3 } })])
  expect(factAtLeast(window, 'ready', 2, 'two ready')).toMatchObject({ met: true, measured: '2' })
  expect(factAtLeast(window, 'ready', 3, 'three ready')).toMatchObject({ met: false })
  expect(factAtMost(window, 'ready', 2, 'two at most', 'workers')).toMatchObject({ met: false, measured: '3 workers' })
  expect(factAtMost(calm, 'ready', 2, 'two at most')).toMatchObject({ met: false, measured: 'not measured' })
  expect(factAtLeast(calm, 'ready', 0, 'any')).toMatchObject({ met: false, measured: 'not measured' })
})

test('a window in which the fault did nothing proves nothing', () => {
  expect(isStruck(calm, 'a worker is killed')).toMatchObject({ met: false })
  expect(isStruck(new LedgerWindow([secondOf(1, { facts: { strikes: 1 } })]), 'a worker is killed')).toMatchObject({
    met: true,
  })
})

test('what is not asked for any more, or ends no more, is not served', () => {
  expect(isServed(calm)).toMatchObject({ met: true })
  const stopped = secondOf(2, { routes: { io: routeOf({ sent: 10 }) } })
  expect(isServed(new LedgerWindow([stopped]))).toMatchObject({ met: false, measured: 'io: 10 sent, 100 ended' })
  const hanging = secondOf(2, { routes: { io: routeOf({ ok: 0, okLatencies: [] }) } })
  expect(isServed(new LedgerWindow([hanging]))).toMatchObject({ met: false })
  const missing = secondOf(2, { asked: { io: 100, cpu: 4 } })
  expect(isServed(new LedgerWindow([missing]))).toMatchObject({ met: false, measured: 'cpu: 0 sent, 0 ended' })
  const silent = secondOf(1, { routes: {}, asked: {} })
  expect(isServed(new LedgerWindow([silent]))).toMatchObject({ met: false, measured: 'nothing was asked for yet' })
})

describe('counters beside the ledger', () => {
  const counted = (...rows: readonly Readonly<Record<string, number>>[]): LedgerWindow =>
    new LedgerWindow(rows.map((facts, place) => secondOf(place + 1, { facts })))
  const share = { id: 'share', text: 'at most 1.5 times the mean' }

  test('the fastest against the mean of all that there are at the end', () => {
    const even = counted({ 'n:a': 10, 'n:b': 0 }, { 'n:a': 20, 'n:b': 9 }, { 'n:a': 30, 'n:b': 21 })
    expect(atMostTimesMean(even, 'n:', 1.5, share)).toMatchObject({ met: true, measured: '1.02 (20, 21)' })
    const uneven = counted({ 'n:a': 10, 'n:b': 0, gone: 3 }, { 'n:a': 110, 'n:b': 0 })
    expect(atMostTimesMean(uneven, 'n:', 1.5, share)).toMatchObject({ met: false, measured: '2.00 (100, 0)' })
    const renewed = counted({ 'n:a': 90, 'n:b': 90 }, { 'n:a': 100, 'n:b': 4 }, { 'n:a': 110, 'n:b': 20 })
    expect(atMostTimesMean(renewed, 'n:', 1.5, share)).toMatchObject({ measured: '1.00 (20, 20)' })
  })

  test('what does not grow, or is not there, meets nothing', () => {
    const still = counted({ 'n:a': 10 }, { 'n:a': 10 })
    for (const window of [still, empty]) {
      expect(atMostTimesMean(window, 'n:', 1.5, share)).toMatchObject({ met: false, measured: 'not measured' })
    }
  })

  test('growth for each request that ended since the first reading', () => {
    const cpu = { id: 'cpu', text: 'at most 5 ms', unit: 'ms' }
    // What is gone at the end has cost something all the same.
    const busy = counted({ 'cpu:a': 0, 'cpu:b': 50 }, { 'cpu:a': 400, 'cpu:b': 450 }, { 'cpu:a': 1400 })
    expect(growthPerRequestAtMost(busy, 'cpu:', 5, cpu)).toMatchObject({ met: false, measured: '9.0 ms' })
    expect(growthPerRequestAtMost(busy, 'cpu:', 10, cpu)).toMatchObject({ met: true })
    expect(growthPerRequestAtMost(empty, 'cpu:', 10, cpu)).toMatchObject({ met: false, measured: 'not measured' })
  })
})

test('a figure that has to be right in every second', () => {
  const shown = (...values: readonly (number | null)[]): LedgerWindow =>
    new LedgerWindow(
      values.map((value, place) => secondOf(place + 1, { facts: value === null ? {} : { shown: value } })),
    )
  const within = (window: LedgerWindow): unknown => factWithin(window, 'shown', { expected: 100, share: 0.3 }, 'right')
  expect(within(shown(90, 125, 100))).toMatchObject({ met: true, measured: '125 at worst, for 100' })
  expect(within(shown(100, 60, 100))).toMatchObject({ met: false, measured: '60 at worst, for 100' })
  expect(within(shown(100, null, 100))).toMatchObject({ met: false, measured: 'no number in some seconds' })
})
