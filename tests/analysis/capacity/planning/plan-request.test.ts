import { describe, expect, test } from 'vitest'
import { grownRatePerS, parsePlanRequest } from '../../../../analysis/capacity/planning/plan-request.ts'
import type { ForkwiseError } from '../../../../core/errors.ts'

const GOOD = { rate: '900', slo: 'p99<200ms' }

describe('options that can be read', () => {
  test.each([
    ['900', 900],
    ['54000/min', 900],
    ['0.5/s', 0.5],
  ])('rate %s', (rate, perS) => expect(parsePlanRequest({ ...GOOD, rate }).ratePerS).toBe(perS))

  test.each([
    ['30%/year', { ratio: 0.3, per: 'year' }],
    ['2.5 % per month', { ratio: 0.025, per: 'month' }],
  ])('growth %s', (growth, expected) => expect(parsePlanRequest({ ...GOOD, growth }).growth).toEqual(expected))

  test.each([
    ['0.04 USD/core-hour', { perCoreHour: 0.04, currency: 'USD' }],
    ['$0.04/core-hour', { perCoreHour: 0.04, currency: '$' }],
    ['0.035eur/core-h', { perCoreHour: 0.035, currency: 'EUR' }],
    ['€1/core hour', { perCoreHour: 1, currency: '€' }],
  ])('price %s', (price, expected) => expect(parsePlanRequest({ ...GOOD, price }).price).toEqual(expected))

  test('headroom and cores', () => {
    expect(parsePlanRequest({ ...GOOD, headroom: '20%', cores: '8' })).toMatchObject({ headroom: 0.2, cores: 8 })
    expect(parsePlanRequest(GOOD)).toMatchObject({ headroom: 0, cores: null, growth: null, price: null })
  })
})

describe('options that cannot be read say what was expected', () => {
  test.each([
    [{ ...GOOD, rate: 'fast' }, '`--rate` to be a rate above 0, got "fast"'],
    [{ slo: GOOD.slo }, 'Expected `--rate`'],
    [{ rate: GOOD.rate }, 'Expected `--slo`'],
    [{ ...GOOD, slo: 'errors<1%' }, '`--slo` to bound a latency'],
    [{ ...GOOD, growth: '30%' }, 'per week, month, quarter or year, got "30%"'],
    [{ ...GOOD, growth: 'lots/year' }, 'got "lots/year"'],
    [{ ...GOOD, growth: '-10%/quarter' }, 'got "-10%/quarter": the rate does not grow'],
    [{ ...GOOD, growth: '1000%/week' }, 'more than 1000 times the rate in half a year'],
    [{ ...GOOD, headroom: '0.2' }, '`--headroom` to be a percentage, got "0.2"'],
    [{ ...GOOD, cores: '0' }, '`--cores` to be a whole number from 1 to 1024, got "0"'],
    [{ ...GOOD, cores: 'all' }, 'got "all"'],
    [{ ...GOOD, price: '0.04' }, 'with its currency and unit, per core-hour, got "0.04"'],
    [{ ...GOOD, price: '0.04 USD' }, 'got "0.04 USD"'],
    [{ ...GOOD, price: '0.04/core-hour' }, 'got "0.04/core-hour"'],
    [{ ...GOOD, price: '0.04 USD/hour' }, 'got "0.04 USD/hour"'],
  ])('%j', (options, message) => {
    expect(() => parsePlanRequest(options)).toThrow(message)
  })

  test('all problems come at once, each with an example', () => {
    try {
      parsePlanRequest({ rate: 'x', slo: 'p99', cores: 'y', growth: 'z', headroom: 'u', price: 'v' })
      expect.unreachable()
    } catch (error) {
      const { problems } = error as ForkwiseError
      expect(problems.length).toBe(6)
      expect(problems.map((problem) => problem.hint ?? '').join(' ')).toContain('0.04 USD/core-hour')
    }
  })
})

test('growth compounds, whatever its period', () => {
  expect(grownRatePerS(100, { ratio: 0.1, per: 'year' }, 2)).toBeCloseTo(121, 9)
  expect(grownRatePerS(100, { ratio: 0.1, per: 'quarter' }, 0.5)).toBeCloseTo(121, 9)
  expect(grownRatePerS(100, { ratio: 0.02, per: 'month' }, 1)).toBeCloseTo(100 * 1.02 ** 12, 9)
})
