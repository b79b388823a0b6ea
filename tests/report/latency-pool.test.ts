import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../core/histogram.ts'
import { exponential, seededRandom } from '../../core/random.ts'
import { LatencyPool } from '../../report/latency-pool.ts'

const random = seededRandom(3)
const histograms = Array.from({ length: 20 }, (_, trial) => {
  const histogram = new LatencyHistogram()
  for (let i = 0; i < 500; i++) histogram.record(1000 * (trial + 1) + exponential(random, 40_000))
  return histogram
})

test('the curve of a pool is that of all its histograms merged', () => {
  const pool = new LatencyPool()
  for (const histogram of histograms) pool.add(LatencyHistogram.fromBase64(histogram.toBase64()))
  const merged = LatencyHistogram.merged(histograms)
  const curve = pool.curve()
  expect(curve).toHaveLength(49)
  for (const { q, ms } of curve.slice(1)) expect(ms * 1000, `q ${q}`).toBe(merged.quantileUs(q))
})

test('points with fewer than 100 requests above them are not firm', () => {
  const pool = new LatencyPool()
  for (const histogram of histograms) pool.add(histogram)
  for (const { q, firm } of pool.curve()) expect(firm, `q ${q}`).toBe((1 - q) * 10_000 > 99.99)
})

test('an empty pool has no curve', () => {
  expect(new LatencyPool().curve()).toEqual([])
})

test('a single request is a curve of one point', () => {
  const one = new LatencyHistogram()
  one.record(5000)
  const pool = new LatencyPool()
  pool.add(one)
  expect(pool.curve()).toEqual([{ q: 0, ms: 5.003, firm: false }])
})
