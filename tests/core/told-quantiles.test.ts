import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../core/histogram.ts'
import { tellsQuantile, toldQuantile, toldQuantiles } from '../../core/told-quantiles.ts'

function summaryOf(count: number): ReturnType<LatencyHistogram['summaryMs']> {
  const histogram = new LatencyHistogram()
  for (let i = 1; i <= count; i++) histogram.record(i * 100)
  return histogram.summaryMs()
}

test.each([
  [19, []],
  [20, ['p50']],
  [29, ['p50']],
  [100, ['p50', 'p90']],
  [999, ['p50', 'p90', 'p95']],
  [1000, ['p50', 'p90', 'p95', 'p99']],
  [10_000, ['p50', 'p90', 'p95', 'p99', 'p999']],
])('%d samples tell %j', (count, names) => {
  const told = toldQuantiles(summaryOf(count))
  const quantiles = (['p50', 'p90', 'p95', 'p99', 'p999'] as const).filter((name) => told[name] !== null)
  expect(quantiles).toEqual(names)
  expect(told).toMatchObject({ count, mean: expect.any(Number), max: expect.any(Number) })
  expect(toldQuantile(summaryOf(count), 'p99') === null).toBe(count < 1000)
  expect(tellsQuantile(count, 0.01)).toBe(count >= 1000)
})
