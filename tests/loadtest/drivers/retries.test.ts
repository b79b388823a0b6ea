import { expect, test } from 'vitest'
import type { Ending } from '../../../loadtest/drivers/recorder.ts'
import { NO_RETRIES, Retries } from '../../../loadtest/drivers/retries.ts'

const answer = (status: number): Ending => ({ kind: 'answer', status, latencyUs: 1, serviceUs: 1 })
const timeout: Ending = { kind: 'timeout' }

test.each([
  ['nothing without a policy', NO_RETRIES, 'GET', timeout, 0, null],
  ['a timeout', { most: 3, backoffMs: 0, budget: null }, 'GET', timeout, 0, 0],
  [
    'a broken connection',
    { most: 3, backoffMs: 0, budget: null },
    'PUT',
    { kind: 'connection-error', message: '' },
    2,
    0,
  ],
  ['not more often than allowed', { most: 3, backoffMs: 0, budget: null }, 'GET', timeout, 3, null],
  ['503', { most: 1, backoffMs: 0, budget: null }, 'GET', answer(503), 0, 0],
  ['not an answer that stays the same', { most: 1, backoffMs: 0, budget: null }, 'GET', answer(500), 0, null],
  ['not what must not be repeated', { most: 1, backoffMs: 0, budget: null }, 'POST', timeout, 0, null],
  ['later each time', { most: 3, backoffMs: 100, budget: null }, 'GET', timeout, 2, 300],
] as const)('tried again: %s', (_, policy, method, ending, tries, pauseMs) => {
  expect(new Retries(policy, () => 0.5).pauseMs(method, ending, tries)).toBe(pauseMs)
})

test('a budget allows its share of the requests, and ten that were saved up', () => {
  const retries = new Retries({ most: 1, backoffMs: 0, budget: 0.1 }, () => 0)
  let tried = 0
  for (let request = 0; request < 1000; request++) {
    retries.earn()
    if (retries.pauseMs('GET', timeout, 0) !== null) tried++
  }
  expect(tried).toBeGreaterThan(100)
  expect(tried).toBeLessThanOrEqual(110)
})
