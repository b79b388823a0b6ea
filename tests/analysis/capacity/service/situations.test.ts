import { describe, expect, test } from 'vitest'
import {
  hasEnoughSamplesPerSlice,
  situationsOf,
  slownessOf,
  trimmedGeometricMean,
} from '../../../../analysis/capacity/service/situations.ts'
import type { MeasuredRate } from '../../../../core/capacity.ts'
import { KNOWN, measureKnown } from '../synthetic-measurement.ts'

const MEASURED = measureKnown(KNOWN, { workers: [1, 2], requests: 500 })
const [RATE] = MEASURED.rates as [MeasuredRate]

function slice(change: Partial<MeasuredRate> = {}): MeasuredRate {
  return { ...RATE, workers: 1, ratePerS: 100, achievedPerS: 100, cpuCores: 0.5, ...change }
}

describe('situations', () => {
  test('have the slices of one worker count and rate', () => {
    const slices = [slice(), slice({ block: 2 }), slice({ ratePerS: 50 }), slice({ workers: 2 })]
    expect([...situationsOf(slices)].map(([key, found]) => [key, found.length])).toEqual([
      ['1 × 100', 2],
      ['1 × 50', 1],
      ['2 × 100', 1],
    ])
  })

  test('leave out disturbed slices unless there is no other', () => {
    const disturbed = slice({ disturbed: ['a neighbour'] })
    expect([...situationsOf([slice(), disturbed]).values()]).toEqual([[slice()]])
    expect([...situationsOf([disturbed, disturbed]).values()]).toEqual([[disturbed, disturbed]])
  })
})

describe('a latency', () => {
  const long = slice({ arrivals: { seed: 1, warmupS: 0.5, durationS: 2 } })
  const short = slice({ arrivals: { seed: 1, warmupS: 0.5, durationS: 1.9 } })

  test('is the trimmed mean of slices that have two samples or more above the quantile each', () => {
    expect(hasEnoughSamplesPerSlice([long, long, long], { quantile: 0.99 })).toBe(true)
    expect(hasEnoughSamplesPerSlice([long, long, short], { quantile: 0.99 })).toBe(false)
    expect(hasEnoughSamplesPerSlice([long, long, short], { quantile: 0.9 })).toBe(true)
    expect(hasEnoughSamplesPerSlice([short, short, short], { quantile: null })).toBe(true)
    expect(hasEnoughSamplesPerSlice([long, long, long], { quantile: 1 })).toBe(false)
  })

  test('is that of all together where there are fewer than three slices, or their length is not known', () => {
    expect(hasEnoughSamplesPerSlice([long, long], { quantile: 0.5 })).toBe(false)
    expect(hasEnoughSamplesPerSlice([slice(), slice(), slice()], { quantile: 0.5 })).toBe(false)
  })

  test.each([
    [[1, 4, 1000], 4],
    [[1, 2, 8, 1000], 4],
    [[0.1, 2, 4, 8, 1000], 4],
  ])('usual of %j is %d: one slice that stood still does not decide', (values, usual) => {
    expect(trimmedGeometricMean(values)).toBeCloseTo(usual, 9)
  })
})

describe('a machine', () => {
  const measured = { ...MEASURED, rates: [slice(), slice(), slice({ workers: 2, cpuCores: 0.6 })] }
  const slow = slice({ cpuCores: 0.55 })

  test('was as much slower as a request cost more CPU than with as many workers usually', () => {
    expect(slownessOf(measured, { cpuPerBusy: 1 }, [slow])).toBeCloseTo(1.1, 9)
    expect(slownessOf(measured, { cpuPerBusy: 1 }, [slow, slice()])).toBeCloseTo(1.05, 9)
    expect(slownessOf(measured, { cpuPerBusy: 1 }, [slice({ workers: 2, cpuCores: 0.6 })])).toBe(1)
  })

  test('slows workers only so far as they compute', () => {
    expect(slownessOf(measured, { cpuPerBusy: 0.1 }, [slow])).toBeCloseTo(1.01, 9)
    expect(slownessOf(measured, { cpuPerBusy: 1.5 }, [slow])).toBeCloseTo(1.1, 9)
  })

  test('counts as usual where nothing can be compared', () => {
    expect(slownessOf(measured, { cpuPerBusy: 1 }, [slice({ workers: 3 })])).toBe(1)
    expect(slownessOf(measured, { cpuPerBusy: 1 }, [slice({ achievedPerS: 0 })])).toBe(1)
    expect(slownessOf(measured, { cpuPerBusy: 1 }, [])).toBe(1)
  })
})
