import { expect, test } from 'vitest'
import { blocksToEquate, blocksToFind, MOST_BLOCKS, resolvableRatio } from '../../../analysis/statistics/power.ts'
import { tQuantile } from '../../../analysis/statistics/student.ts'

test('the blocks to find an effect are the least n that its own t quantiles allow', () => {
  for (const [effect, sd, family] of [
    [0.05, 0.03, 1],
    [0.03, 0.03, 9],
    [0.0488, 0.0424, 9],
  ] as const) {
    const n = blocksToFind(effect, sd, 0.95, family, 2) ?? 0
    const needed = (blocks: number): number =>
      (((tQuantile(1 - 0.05 / (2 * family), blocks - 1) + tQuantile(0.8, blocks - 1)) * sd) / effect) ** 2
    expect(needed(n)).toBeLessThanOrEqual(n)
    expect(needed(n - 1)).toBeGreaterThan(n - 1)
  }
})

test('a textbook case: an effect of one standard deviation needs ten pairs for 80 % power', () => {
  expect(blocksToFind(1, 1, 0.95, 1, 2)).toBe(10)
})

test('never fewer than asked for, and nothing beyond the most', () => {
  expect(blocksToFind(1, 0.01, 0.95, 1, 8)).toBe(8)
  expect(blocksToFind(0.001, 1, 0.95, 1, 8)).toBeNull()
  expect(blocksToFind(0.05, 0.5, 0.95, 1, 2)).toBeLessThanOrEqual(MOST_BLOCKS)
})

test('showing equality takes more blocks the nearer the ratio is to the threshold, and is impossible beyond it', () => {
  const [centre, aside] = [blocksToEquate(0, 0.03, 0.02, 2) ?? 0, blocksToEquate(0.02, 0.03, 0.02, 2) ?? 0]
  expect(centre).toBe(blocksToEquate(-0, 0.03, 0.02, 2))
  expect(aside).toBeGreaterThan(5 * centre)
  expect(blocksToEquate(0.031, 0.03, 0.0001, 2)).toBeNull()
})

test('the resolution of n blocks is the effect that needs n blocks, and never below the threshold', () => {
  const n = blocksToFind(Math.log(1.08), 0.04, 0.95, 9, 2) ?? 0
  const resolution = resolvableRatio(n, 0.04, 0.95, 9, Math.log(1.03))
  expect(resolution).toBeLessThanOrEqual(1.08)
  expect(resolution).toBeGreaterThan(1.07)
  expect(resolvableRatio(1000, 0.001, 0.95, 9, Math.log(1.03))).toBeGreaterThan(1.03)
  expect(resolvableRatio(1, 0.01, 0.95, 1, 0.03)).toBe(Infinity)
})
