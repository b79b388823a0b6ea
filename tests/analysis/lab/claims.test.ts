import { expect, test } from 'vitest'
import { allOf, judge, judgeSeen } from '../../../analysis/lab/claims.ts'

const FROM_2_TO_3 = { estimate: 2.5, low: 2, high: 3 }

test.each([
  ['confirmed when the whole interval is above', { above: 1.9 }, 'confirmed'],
  ['confirmed when the whole interval is below', { below: 3.1 }, 'confirmed'],
  ['undecided when a bound lies in the interval', { above: 2.5 }, 'undecided'],
  ['false when the whole interval is not above', { above: 3 }, 'does not hold here'],
  ['false when the whole interval is not below', { below: 2 }, 'does not hold here'],
  ['false when it is outside on one side of two', { above: 0, below: 1.5 }, 'does not hold here'],
])('%s', (_, bounds, outcome) => {
  expect(judge(FROM_2_TO_3, bounds)).toBe(outcome)
})

test('what was not measured is undecided', () => {
  expect(judge(null, { above: 0 })).toBe('undecided')
  expect(judgeSeen([])).toBe('undecided')
  expect(allOf([])).toBe('undecided')
})

test('what was seen in every repetition is confirmed, in none is false, in some is undecided', () => {
  expect(
    [
      [true, true],
      [false, false],
      [true, false],
    ].map(judgeSeen),
  ).toEqual(['confirmed', 'does not hold here', 'undecided'])
})

test('of several, one that is false decides', () => {
  expect(allOf(['confirmed', 'does not hold here', 'undecided'])).toBe('does not hold here')
  expect(allOf(['confirmed', 'undecided'])).toBe('undecided')
  expect(allOf(['confirmed', 'confirmed'])).toBe('confirmed')
})
