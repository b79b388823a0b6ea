import { array, assert, double, property } from 'fast-check'
import { expect, test } from 'vitest'
import { inverseOf, LabFigures, ratioOf } from '../../../analysis/lab/figures.ts'
import { labCells, summarise } from '../../../analysis/lab/summary.ts'
import type { LabTrial } from '../../../core/lab-record.ts'
import { UNBOUNDED } from '../../../core/records.ts'

test('the interval always holds the median, and nothing bounds a single value', () => {
  assert(
    property(array(double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 12 }), (values) => {
      const { estimate, low, high } = summarise(values)
      expect(low).toBeLessThanOrEqual(estimate)
      expect(high).toBeGreaterThanOrEqual(estimate)
    }),
  )
  expect(summarise([3])).toMatchObject({ estimate: 3, low: -UNBOUNDED, high: UNBOUNDED })
})

test('a ratio is paired by repetition, so that what disturbs a round cancels out', () => {
  const base = summarise([10, 20, 40])
  const twice = summarise([20, 40, 80])
  const ratio = ratioOf(twice, base)
  expect(ratio?.estimate).toBeCloseTo(2, 12)
  expect(ratio?.low).toBeCloseTo(2, 12)
  expect(ratio?.high).toBeCloseTo(2, 12)
})

test('repetitions that failed leave their partners out', () => {
  const ratio = ratioOf(summarise([20, 80], [1, 3]), summarise([10, 20, 40], [1, 2, 3]))
  expect(ratio?.estimate).toBeCloseTo(2, 12)
})

test('a ratio of what is not above 0 is not known', () => {
  expect(ratioOf(summarise([0, 1]), summarise([1, 1]))).toBeNull()
})

test('the inverse of a ratio swaps its bounds', () => {
  expect(inverseOf({ estimate: 2, low: 1, high: 4 })).toEqual({ estimate: 0.5, low: 0.25, high: 1 })
  expect(inverseOf(null)).toBeNull()
})

test('cells gather figures and words of their trials, and keep why others failed', () => {
  const trial = (repeat: number, change: Partial<LabTrial>): LabTrial => ({
    schema: 'forkwise/lab-trial@1',
    case: 'a',
    repeat,
    figures: {},
    words: {},
    events: [],
    failure: null,
    ...change,
  })
  const trials = [
    trial(2, { figures: { ms: 5 }, words: { seen: 'yes' } }),
    trial(1, { figures: { ms: 3 }, words: { seen: 'no' } }),
    trial(3, { failure: 'it broke' }),
    trial(4, { figures: { ms: 4 }, words: { seen: 'yes' } }),
  ]
  const figures = new LabFigures(labCells([{ id: 'a', name: 'A', language: 'node' }], trials))
  expect(figures.of('a', 'ms')).toMatchObject({ estimate: 4, values: [3, 5, 4], repeats: [1, 2, 4] })
  expect(figures.word('a', 'seen')).toBe('yes')
  expect(figures.cell('a')?.failures).toEqual(['it broke'])
  expect(figures.of('b', 'ms')).toBeNull()
  expect(figures.word('a', 'nothing')).toBeNull()
})
