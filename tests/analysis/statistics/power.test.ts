import { expect, test } from 'vitest'
import { blocksToEquate, blocksToFind, MOST_BLOCKS, resolvableRatio } from '../../../analysis/statistics/power.ts'
import { tPower, tQuantile } from '../../../analysis/statistics/student.ts'

test('the blocks to find an effect are the least n whose t test has 83 % power', () => {
  for (const [effect, sd, family] of [
    [0.05, 0.03, 1],
    [0.03, 0.03, 9],
    [0.0488, 0.0424, 9],
  ] as const) {
    const n = blocksToFind(effect, sd, 0.95, family, 2) ?? 0
    const power = (blocks: number): number =>
      tPower(tQuantile(1 - 0.05 / (2 * family), blocks - 1), (effect * Math.sqrt(blocks)) / sd, blocks - 1)
    expect(power(n)).toBeGreaterThanOrEqual(0.83)
    expect(power(n - 1)).toBeLessThan(0.83)
  }
})

test('a textbook case: an effect of one standard deviation needs ten pairs for 80 % power, eleven for 83 %', () => {
  expect(tPower(tQuantile(0.975, 9), Math.sqrt(10), 9)).toBeCloseTo(0.803, 3)
  expect(blocksToFind(1, 1, 0.95, 1, 2)).toBe(11)
})

test('never fewer than asked for, and nothing beyond the most', () => {
  expect(blocksToFind(1, 0.01, 0.95, 1, 8)).toBe(8)
  expect(blocksToFind(0.001, 1, 0.95, 1, 8)).toBeNull()
  expect(blocksToFind(0.05, 0.5, 0.95, 1, 2)).toBeLessThanOrEqual(MOST_BLOCKS)
})

test('showing equality takes more blocks the nearer the ratio is to the threshold, and is impossible beyond it', () => {
  const [centre, aside] = [blocksToEquate(0, 0.03, 0.02, 2) ?? 0, blocksToEquate(0.02, 0.03, 0.02, 2) ?? 0]
  expect(centre).toBe(blocksToEquate(-0, 0.03, 0.02, 2))
  expect(aside).toBeGreaterThan(3 * centre)
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
