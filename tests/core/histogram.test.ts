import { expect, test } from 'vitest'
import { LatencyHistogram } from '../../core/histogram.ts'
import { seededRandom } from '../../core/random.ts'

test('quantiles are exact to three significant digits, and survive encoding', () => {
  const histogram = new LatencyHistogram()
  for (let us = 1; us <= 100_000; us++) histogram.record(us)
  for (const copy of [histogram, LatencyHistogram.fromBase64(histogram.toBase64())]) {
    expect(copy.count).toBe(100_000)
    for (const q of [0.5, 0.9, 0.99, 0.999]) {
      expect(Math.abs((copy.quantileUs(q) ?? 0) / (q * 100_000) - 1)).toBeLessThan(0.001)
    }
  }
})

test('merging loses nothing', () => {
  const random = seededRandom(1)
  const [a, b, both] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()]
  for (let i = 0; i < 5000; i++) {
    const us = random() * 1e6
    ;(i % 2 === 0 ? a : b).record(us)
    both.record(us)
  }
  expect(LatencyHistogram.merged([a, b]).toBase64()).toBe(both.toBase64())
})

test('an empty histogram has no quantiles, and merging it changes nothing', () => {
  const empty = new LatencyHistogram()
  expect(empty.summaryMs()).toMatchObject({ count: 0, mean: null, p50: null, max: null })
  expect(LatencyHistogram.fromBase64(empty.toBase64()).count).toBe(0)
})

test('recorded values come with their counts, ascending', () => {
  const histogram = new LatencyHistogram()
  histogram.record(5)
  histogram.record(1, 3)
  expect([...histogram.recorded()]).toEqual([
    [1, 3],
    [5, 1],
  ])
  expect(histogram.countAboveUs(1)).toBe(1)
})

test('values out of range are kept at the ends', () => {
  const histogram = new LatencyHistogram()
  histogram.record(-3)
  histogram.record(1e12)
  expect(histogram.count).toBe(2)
  expect(histogram.summaryMs().max).toBeGreaterThan(3.5e6)
})

test('reading a text gives the same counts as building its histogram, for any values', () => {
  const random = seededRandom(8)
  for (const spread of [1, 3000, 1e5, 1e7, 4e9]) {
    const histogram = new LatencyHistogram()
    for (let i = 0; i < 2000; i++) histogram.record(random() ** 3 * spread, 1 + Math.floor(random() ** 8 * 1e5))
    const text = histogram.toBase64()
    const read = LatencyHistogram.fromBase64(text)
    const before = read.sparse()
    expect([read.count, read.toBase64()]).toEqual([histogram.count, text])
    expect(before).toEqual(histogram.sparse())
    read.record(1, 2)
    expect(read.count).toBe(histogram.count + 2)
    histogram.record(1, 2)
    expect(read.sparse()).toEqual(histogram.sparse())
    expect(read.summaryMs()).toMatchObject({ p99: histogram.summaryMs().p99, mean: histogram.summaryMs().mean })
  }
})

test('a text that is no histogram, or half of one, is refused', () => {
  const histogram = new LatencyHistogram()
  for (let us = 1; us < 5000; us += 7) histogram.record(us)
  const text = histogram.toBase64()
  for (const torn of ['', 'AAAA', 'hello world, this is text', text.slice(0, text.length / 2)]) {
    expect(() => LatencyHistogram.fromBase64(torn)).toThrow()
  }
})
