import { describe, expect, test } from 'vitest'
import {
  halfWidth,
  intervalOf,
  logMean,
  meanInterval,
  pairedLogRatio,
  blockStandardDeviation,
  welchLogRatio,
} from '../../../analysis/statistics/interval.ts'
import { effectiveDegrees, mean, median, standardDeviation } from '../../../analysis/statistics/sample.ts'
import { tQuantile } from '../../../analysis/statistics/student.ts'

describe('samples', () => {
  test('mean, standard deviation and median of a textbook sample', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9]
    expect(mean(values)).toBe(5)
    expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12)
    expect(median(values)).toBe(4.5)
    expect(median([3, 1, 2])).toBe(2)
  })

  test('too few values give no number', () => {
    expect([mean([]), standardDeviation([1]), median([])]).toEqual([Number.NaN, Number.NaN, Number.NaN])
  })
})

test('degrees of freedom are n − 1 for light tails and fewer when one value makes the spread', () => {
  expect(effectiveDegrees([1, 2, 3, 4, 5, 6, 7, 8])).toBe(7)
  expect(effectiveDegrees([0, 0.1, -0.1, 0.05, -0.05, 0.1, 0, 9])).toBeLessThan(3)
  expect(effectiveDegrees([1, 2, 9])).toBe(2)
  expect(effectiveDegrees([4, 4, 4, 4, 4])).toBe(4)
})

describe('ratios of block values', () => {
  test('the estimate is the ratio of geometric means, the interval t · s/√n around its logarithm', () => {
    const ratio = pairedLogRatio([100, 110, 90, 105], [200, 231, 171, 210])
    const logs = [2, 2.1, 1.9, 2].map(Math.log)
    const half = (tQuantile(0.975, 3) * standardDeviation(logs)) / 2
    expect(intervalOf(ratio, 0.95)).toEqual({
      estimate: expect.closeTo(Math.exp(mean(logs)), 12),
      low: expect.closeTo(Math.exp(mean(logs) - half), 12),
      high: expect.closeTo(Math.exp(mean(logs) + half), 12),
    })
    expect(blockStandardDeviation(ratio)).toBeCloseTo(standardDeviation(logs), 12)
  })

  test('a drift that both share is no scatter', () => {
    const drift = [1, 1.3, 1.7, 2.2, 2.9]
    expect(
      blockStandardDeviation(
        pairedLogRatio(
          drift,
          drift.map((x) => x * 1.5),
        ),
      ),
    ).toBeCloseTo(0, 12)
  })

  test('a family of comparisons shares the error rate (Bonferroni)', () => {
    const ratio = logMean([0.1, 0.2, 0.3, 0.4])
    expect(halfWidth(ratio, 0.95, 9)).toBeCloseTo(tQuantile(1 - 0.05 / 18, 3) * ratio.standardError, 12)
  })

  test('a single block bounds nothing, in numbers that JSON can hold', () => {
    const single = intervalOf(pairedLogRatio([100], [186]), 0.95)
    expect(single).toEqual({ estimate: expect.closeTo(1.86, 10), low: 0, high: Number.MAX_VALUE })
  })
})

test('Welch: the ratio of two independent samples agrees with the textbook formula', () => {
  const [a, b] = [
    [27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4],
    [27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 25.9],
  ].map((values) => logMean(values))
  if (a === undefined || b === undefined) throw new Error('Expected two samples.')
  const ratio = welchLogRatio(a, b)
  const expected = { log: mean(b.values) - mean(a.values), se: Math.hypot(a.standardError, b.standardError) }
  expect(ratio.log).toBeCloseTo(expected.log, 12)
  expect(ratio.standardError).toBeCloseTo(expected.se, 12)
  expect(ratio.degrees).toBeGreaterThan(14)
  expect(ratio.degrees).toBeLessThan(28)
  const equal = welchLogRatio(a, a)
  expect([equal.log, equal.degrees]).toEqual([0, expect.closeTo(28, 10)])
})

describe('means of one cell', () => {
  test('positive values are averaged on the log scale', () => {
    expect(meanInterval([100, 400], 0.95)?.estimate).toBeCloseTo(200, 10)
    expect(meanInterval([100, 400], 0.95)?.low).toBeGreaterThan(0)
  })

  test('values that reach 0 are averaged as they are', () => {
    const half = tQuantile(0.975, 2) * (1 / Math.sqrt(3))
    expect(meanInterval([0, 1, 2], 0.95)).toEqual({
      estimate: 1,
      low: expect.closeTo(1 - half, 12),
      high: expect.closeTo(1 + half, 12),
    })
    expect(meanInterval([0], 0.95)).toEqual({ estimate: 0, low: -Number.MAX_VALUE, high: Number.MAX_VALUE })
  })

  test('no values have no mean', () => {
    expect(meanInterval([], 0.95)).toBeNull()
  })
})
