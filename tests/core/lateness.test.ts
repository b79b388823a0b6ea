import { expect, test } from 'vitest'
import { isSentLate, latenessLimitMs } from '../../core/lateness.ts'

test('requests are sent late beyond 2 ms, or 5 % of the p99 latency where that is more; never in a closed loop', () => {
  expect([latenessLimitMs(null), latenessLimitMs(9), latenessLimitMs(100)]).toEqual([2, 2, 5])
  expect(isSentLate({ latenessP99Ms: 2.1, p99Ms: 9 })).toBe(true)
  expect(isSentLate({ latenessP99Ms: 2, p99Ms: 9 })).toBe(false)
  expect(isSentLate({ latenessP99Ms: 4.9, p99Ms: 100 })).toBe(false)
  expect(isSentLate({ latenessP99Ms: null, p99Ms: 9 })).toBe(false)
})
