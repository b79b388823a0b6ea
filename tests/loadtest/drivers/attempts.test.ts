import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Attempts } from '../../../loadtest/drivers/attempts.ts'
import type { Arrival } from '../../../loadtest/drivers/open-connections.ts'
import type { Ending } from '../../../loadtest/drivers/recorder.ts'
import { Retries } from '../../../loadtest/drivers/retries.ts'

const ARRIVAL: Arrival = { place: 7, request: 0, intendedMs: 1000, counted: true }
const timeout: Ending = { kind: 'timeout' }
const answer: Ending = { kind: 'answer', status: 200, latencyUs: 2_150_000, serviceUs: 50_000 }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function madeUp(): { attempts: Attempts; told: unknown[]; again: Arrival[] } {
  const told: unknown[] = []
  const again: Arrival[] = []
  const attempts = new Attempts(new Retries({ most: 1, backoffMs: 100, budget: null }, () => 0), [{ method: 'GET' }], {
    sent: ({ place }, sentMs) => void told.push(['sent', place, sentMs]),
    ended: ({ place }, ending, latenessUs, lastLatenessUs) =>
      void told.push([ending.kind, place, latenessUs, lastLatenessUs, 'serviceUs' in ending ? ending.serviceUs : null]),
  })
  attempts.send = (arrival) => void again.push(arrival)
  return { attempts, told, again }
}

test('an arrival that is tried again is sent once and ends once, timed from its first try', async () => {
  const { attempts, told, again } = madeUp()
  attempts.sent(ARRIVAL, 1001)
  attempts.ended(ARRIVAL, timeout, 1000)
  expect(attempts).toMatchObject({ pausing: 1, oldestIntendedMs: 1000, count: 1 })
  await vi.advanceTimersByTimeAsync(100)
  expect(again).toEqual([ARRIVAL])
  expect(attempts.pausing).toBe(0)
  attempts.sent(ARRIVAL, 3100)
  attempts.ended(ARRIVAL, answer, 2_100_000)
  expect(told).toEqual([
    ['sent', 7, 1001],
    ['answer', 7, 1000, 2_100_000, 2_149_000],
  ])
  expect(attempts.oldestIntendedMs).toBeNull()
})

test('what pauses or is not sent again when all is over ends as it ended before; what is on its way ends by itself', () => {
  const { attempts, told } = madeUp()
  const others = [1, 2].map((place) => ({ ...ARRIVAL, place }))
  for (const arrival of [ARRIVAL, ...others]) attempts.ended(arrival, timeout, 1000)
  vi.advanceTimersByTime(100)
  const late = { ...ARRIVAL, place: 3 }
  attempts.ended(late, timeout, 1000)
  attempts.giveUp([ARRIVAL])
  expect(told).toEqual([
    ['timeout', 7, 1000, 1000, null],
    ['timeout', 3, 1000, 1000, null],
  ])
  for (const arrival of others) attempts.ended(arrival, timeout, 5000)
  expect(told).toHaveLength(4)
})
