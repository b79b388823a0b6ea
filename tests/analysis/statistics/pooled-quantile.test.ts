import { describe, expect, test } from 'vitest'
import {
  countsOf,
  jackknifeLogQuantile,
  jackknifeLogQuantileRatio,
  PooledLatencies,
  samplesAbove,
} from '../../../analysis/statistics/pooled-quantile.ts'
import { quantileInterval } from '../../../analysis/statistics/quantile-interval.ts'
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

describe('the interval of one quantile', () => {
  test('lies around it, further out on the side of the tail', () => {
    const pool = poolOf(5, 10, 2000, 10)
    const { estimate, low, high } = quantileInterval(pool, 0.99, 0.95) ?? { estimate: 0, low: 0, high: 0 }
    expect(estimate).toBe(pool.quantileUs(0.99))
    expect(high - estimate).toBeGreaterThan(estimate - low)
    expect(estimate).toBeGreaterThan(low)
  })

  test('has the quantile itself for bounds when all blocks have the same share above it', () => {
    const same = new PooledLatencies(Array.from({ length: 8 }, () => countsOf(blockOf(1, 500, 10))))
    const interval = quantileInterval(same, 0.9, 0.95)
    expect(interval).toEqual({ estimate: interval?.estimate, low: interval?.estimate, high: interval?.estimate })
  })

  test('has no upper bound where the tail is that of a single block, and none at all with a single block', () => {
    const calm = blocksOf(1, 7, 500)
    const stormy = new PooledLatencies([...calm, blockOf(9, 500, 1000)].map(countsOf))
    expect(quantileInterval(stormy, 0.99, 0.95)?.high).toBe(Number.MAX_VALUE)
    expect(quantileInterval(poolOf(1, 1, 500, 10), 0.5, 0.95)).toMatchObject({ low: 0, high: Number.MAX_VALUE })
    expect(quantileInterval(new PooledLatencies([]), 0.5, 0.95)).toBeNull()
  })

  test('counts the tail of each block', () => {
    const pool = poolOf(5, 3, 100, 10)
    const p90 = pool.quantileUs(0.9) ?? 0
    const tails = [0, 1, 2].map((block) => pool.tailOfBlock(block, p90))
    expect(tails.map(({ count }) => count)).toEqual([100, 100, 100])
    expect(tails.reduce((sum, { above }) => sum + above, 0)).toBe(30)
    expect(pool.tailOfBlock(0, 0)).toEqual({ above: 100, count: 100 })
    expect(pool.tailOfBlock(0, 1e9)).toEqual({ above: 0, count: 100 })
  })
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
