import { expect, test } from 'vitest'
import {
  meanS,
  sampler,
  scaled,
  squaredVariation,
  type Distribution,
} from '../../../../analysis/capacity/simulation/distribution.ts'
import { seededRandom } from '../../../../core/random.ts'

const DISTRIBUTIONS: readonly Distribution[] = [
  { kind: 'constant', valueS: 0.2 },
  { kind: 'uniform', minS: 0.1, maxS: 0.5 },
  { kind: 'exponential', meanS: 0.3 },
  { kind: 'erlang', meanS: 0.3, stages: 4 },
  { kind: 'hyperexponential', meanS: 0.3, cv2: 5 },
  { kind: 'lognormal', meanS: 0.3, cv2: 0.5 },
  { kind: 'empirical', valuesS: [0.1, 0.2, 0.7, 2], counts: [50, 1, 30, 4] },
  { kind: 'sequence', valuesS: [1, 2, 3, 4] },
]

test.each(DISTRIBUTIONS)('samples of $kind have its mean and variation, and scale with it', (distribution) => {
  const factor = 3
  const draw = sampler(scaled(distribution, factor), seededRandom(5))
  const count = 400_000
  let sum = 0
  let squares = 0
  for (let i = 0; i < count; i++) {
    const value = draw()
    sum += value
    squares += value * value
  }
  const mean = sum / count
  expect(Math.abs(mean / (factor * meanS(distribution)) - 1)).toBeLessThan(0.01)
  expect(Math.abs(squares / count / mean ** 2 - 1 - squaredVariation(distribution))).toBeLessThan(
    0.02 + 0.03 * squaredVariation(distribution),
  )
})

test('an empirical distribution is drawn with exactly its shares', () => {
  const draw = sampler({ kind: 'empirical', valuesS: [1, 2, 3], counts: [1, 0, 9] }, seededRandom(3))
  const seen = new Map<number, number>()
  for (let i = 0; i < 100_000; i++) {
    const value = draw()
    seen.set(value, (seen.get(value) ?? 0) + 1)
  }
  expect(seen.has(2)).toBe(false)
  expect(Math.abs((seen.get(1) ?? 0) / 100_000 - 0.1)).toBeLessThan(0.005)
})

test('parameters that make no distribution are refused', () => {
  const random = seededRandom(1)
  expect(() => sampler({ kind: 'hyperexponential', meanS: 1, cv2: 0.5 }, random)).toThrow('at least 1, got 0.5')
  expect(() => sampler({ kind: 'empirical', valuesS: [], counts: [] }, random)).toThrow('at least one')
  expect(() => sampler({ kind: 'sequence', valuesS: [] }, random)).toThrow('at least one')
})
