import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../core/histogram.ts'
import { resolvesQuantile, resolvedQuantile, resolvedQuantiles } from '../../core/resolved-quantiles.ts'

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
])('%d samples resolve %j', (count, names) => {
  const resolved = resolvedQuantiles(summaryOf(count))
  const quantiles = (['p50', 'p90', 'p95', 'p99', 'p999'] as const).filter((name) => resolved[name] !== null)
  expect(quantiles).toEqual(names)
  expect(resolved).toMatchObject({ count, mean: expect.any(Number), max: expect.any(Number) })
  expect(resolvedQuantile(summaryOf(count), 'p99') === null).toBe(count < 1000)
  expect(resolvesQuantile(count, 0.01)).toBe(count >= 1000)
})
