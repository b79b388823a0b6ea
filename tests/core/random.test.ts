import { expect, test } from 'vitest'
import { deriveSeed, exponential, hashedUniform, seededRandom, shuffled, standardNormal } from '../../core/random.ts'

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})

test('numbers are uniform: chi-squared over 100 bins stays below its 99.9 % point', () => {
  const random = seededRandom(42)
  const bins = Array.from({ length: 100 }, () => 0)
  for (let i = 0; i < 100_000; i++) {
    const bin = Math.floor(random() * 100)
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  expect(chiSquared).toBeLessThan(148.2)
  expect(chiSquared).toBeGreaterThan(61.1)
})

test('exponential and normal variates have the moments they should', () => {
  const random = seededRandom(3)
  const n = 200_000
  let sum = 0
  let normalSum = 0
  let normalSquares = 0
  for (let i = 0; i < n; i++) {
    sum += exponential(random, 5)
    const z = standardNormal(random)
    normalSum += z
    normalSquares += z * z
  }
  expect(sum / n).toBeCloseTo(5, 1)
  expect(normalSum / n).toBeCloseTo(0, 2)
  expect(normalSquares / n).toBeCloseTo(1, 1)
})

test('a shuffle keeps every item, leaves its input alone and reaches every order equally often', () => {
  const random = seededRandom(9)
  const counts = new Map<string, number>()
  const items = ['a', 'b', 'c']
  for (let i = 0; i < 6000; i++) {
    const order = shuffled(items, random).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect(items).toEqual(['a', 'b', 'c'])
  expect([...counts.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('hashed numbers are uniform, and neither neighbours nor seeds are related', () => {
  const n = 100_000
  const bins = Array.from({ length: 100 }, () => 0)
  const sums = { neighbours: 0, seeds: 0 }
  for (let i = 0; i < n; i++) {
    const value = hashedUniform(7, i)
    const bin = Math.floor(value * 100)
    bins[bin] = (bins[bin] ?? 0) + 1
    sums.neighbours += (value - 0.5) * (hashedUniform(7, i + 1) - 0.5)
    sums.seeds += (value - 0.5) * (hashedUniform(8, i) - 0.5)
  }
  const chiSquared = bins.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0)
  expect(chiSquared).toBeLessThan(149)
  // Four standard deviations of the mean of products, each of which has one of 1 ÷ 12.
  for (const sum of Object.values(sums)) expect(Math.abs(sum / n)).toBeLessThan(4 / 12 / Math.sqrt(n))
})

test('derived seeds differ by part and by order of parts', () => {
  expect(deriveSeed(1, 'a', 2)).toBe(deriveSeed(1, 'a', 2))
  expect(
    new Set([deriveSeed(1, 'a', 2), deriveSeed(1, 'a', 3), deriveSeed(2, 'a', 2), deriveSeed(1, 2, 'a')]).size,
  ).toBe(4)
})
