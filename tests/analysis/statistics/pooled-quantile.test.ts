import { describe, expect, test } from 'vitest'
import {
  countsOf,
  effectiveDegrees,
  jackknifeLogQuantile,
  jackknifeLogQuantileRatio,
  PooledLatencies,
  samplesAbove,
} from '../../../analysis/statistics/pooled-quantile.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import { exponential, seededRandom } from '../../../core/random.ts'

const QUANTILES = [0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1]

describe('pools', () => {
  const histograms = blocksOf(7, 12, 700)
  const pool = new PooledLatencies(histograms.map(countsOf))

  test('have the quantiles and the summary of the merged histograms, to the digit', () => {
    const merged = LatencyHistogram.merged(histograms)
    expect(pool.count).toBe(merged.count)
    for (const q of QUANTILES) expect(pool.quantileUs(q)).toBe(merged.quantileUs(q))
    expect(pool.histogram().toBase64()).toBe(merged.toBase64())
    expect(pool.histogram().summaryMs()).toMatchObject({ p99: merged.summaryMs().p99, mean: merged.summaryMs().mean })
  })

  test('without a block have the quantiles of the others merged', () => {
    for (let omitted = 0; omitted < histograms.length; omitted++) {
      const others = LatencyHistogram.merged(histograms.filter((_, block) => block !== omitted))
      for (const q of QUANTILES) expect(pool.quantileWithoutUs(omitted, q)).toBe(others.quantileUs(q))
      expect(pool.quantileOfBlockUs(omitted, 0.9)).toBe(histograms[omitted]?.quantileUs(0.9))
    }
  })

  test('that are empty have no quantile', () => {
    const empty = new PooledLatencies([countsOf(new LatencyHistogram())])
    expect([empty.count, empty.quantileUs(0.5), jackknifeLogQuantile(empty, 0.5)]).toEqual([0, null, null])
    expect(new PooledLatencies([]).quantileUs(0.5)).toBeNull()
  })

  test('count the samples above a quantile', () => {
    expect(samplesAbove(pool, 0.99)).toBe(84)
  })
})

describe('the jackknife', () => {
  test('of equal blocks leaves only the width of a bin', () => {
    const same = new PooledLatencies(Array.from({ length: 8 }, () => countsOf(blockOf(1, 500, 10))))
    const ratio = jackknifeLogQuantileRatio(same, same, 0.9)
    expect(ratio?.log).toBe(0)
    expect(ratio?.standardError).toBeCloseTo(1 / 1024 / Math.sqrt(6), 10)
    expect(ratio?.values).toEqual(Array.from({ length: 8 }, () => 0))
  })

  test('finds the ratio of two scales', () => {
    const [a, b] = [poolOf(3, 10, 2000, 10), poolOf(4, 10, 2000, 20)]
    const ratio = jackknifeLogQuantileRatio(a, b, 0.95)
    expect(Math.exp(ratio?.log ?? 0)).toBeGreaterThan(1.85)
    expect(Math.exp(ratio?.log ?? 0)).toBeLessThan(2.15)
    expect(ratio?.degrees).toBeLessThanOrEqual(9)
    expect(ratio?.values).toHaveLength(10)
  })

  test('of a single block has an estimate and no error', () => {
    const single = jackknifeLogQuantile(poolOf(1, 1, 500, 10), 0.5)
    expect(single).toMatchObject({ standardError: Number.NaN, degrees: 0 })
  })
})

test('degrees of freedom are n − 1 for light tails and fewer when one value makes the spread', () => {
  expect(effectiveDegrees([1, 2, 3, 4, 5, 6, 7, 8])).toBe(7)
  expect(effectiveDegrees([0, 0.1, -0.1, 0.05, -0.05, 0.1, 0, 9])).toBeLessThan(3)
  expect(effectiveDegrees([1, 2, 9])).toBe(2)
  expect(effectiveDegrees([4, 4, 4, 4, 4])).toBe(4)
})

function poolOf(seed: number, blocks: number, count: number, meanMs: number): PooledLatencies {
  return new PooledLatencies(blocksOf(seed, blocks, count, meanMs).map(countsOf))
}

function blocksOf(seed: number, blocks: number, count: number, meanMs: number = 10): LatencyHistogram[] {
  return Array.from({ length: blocks }, (_, block) => blockOf(seed * 100 + block, count, meanMs))
}

function blockOf(seed: number, count: number, meanMs: number): LatencyHistogram {
  const random = seededRandom(seed)
  const histogram = new LatencyHistogram()
  for (let i = 0; i < count; i++) histogram.record(exponential(random, meanMs * 1000))
  return histogram
}
