import { expect, test } from 'vitest'
import { intervalOf, meanInterval, pairedLogRatio } from '../../../analysis/statistics/interval.ts'
import { type Random, standardNormal } from '../../../core/random.ts'
import { figure, shareOf } from './simulation.ts'

const BLOCKS = 10
const EXPERIMENTS = 4000

/** Logarithms of baseline and candidate in one block, their true difference taken out. */
type BlockNoise = (random: Random, block: number) => readonly [baseline: number, candidate: number]

const HOSTS: readonly { readonly host: string; readonly noise: BlockNoise }[] = [
  { host: 'normal', noise: (random) => [0.02 * standardNormal(random), 0.02 * standardNormal(random)] },
  { host: 'contaminated', noise: (random) => [spiky(random), spiky(random)] },
  {
    host: 'drifting',
    noise: (random, block) => {
      const drift = -0.1 * (block / BLOCKS) + 0.05 * Math.sin(block)
      const slope = 0.01 * (random() - 0.5)
      return [drift + 0.02 * standardNormal(random), drift + slope + 0.02 * standardNormal(random)]
    },
  },
  { host: 'unequally noisy', noise: (random) => [0.01 * standardNormal(random), 0.04 * standardNormal(random)] },
]

test.each(HOSTS)('on a $host host the interval of a ratio covers the truth in 93 to 97 of 100', ({ host, noise }) => {
  const covered = coverage(noise)
  figure(`95 % interval of a ratio, ${host} host: covers`, covered)
  expect(covered).toBeGreaterThanOrEqual(0.93)
  expect(covered).toBeLessThanOrEqual(0.97)
})

test('where a tenth of the trials is slowed by up to a fifth, the interval errs on the safe side', () => {
  const covered = coverage((random) => [slowed(random), slowed(random)])
  figure('95 % interval of a ratio, trials slowed at random: covers', covered)
  expect(covered).toBeGreaterThanOrEqual(0.95)
})

test('the 95 % interval of a single model’s mean covers the truth in 93–97 %', () => {
  const covered = shareOf(EXPERIMENTS, 12, (random) => {
    const interval = meanInterval(
      Array.from({ length: BLOCKS }, () => 500 * Math.exp(0.05 * standardNormal(random))),
      0.95,
    )
    return interval !== null && interval.low <= 500 && 500 <= interval.high
  })
  figure('95 % interval of a mean: covers', covered)
  expect(covered).toBeGreaterThanOrEqual(0.93)
  expect(covered).toBeLessThanOrEqual(0.97)
})

test('the interval for a family of nine covers all nine truths at once in at least 95 %', () => {
  const covered = shareOf(1500, 13, (random) =>
    Array.from({ length: 3 }, () => Array.from({ length: BLOCKS }, () => 0.03 * standardNormal(random))).every((own) =>
      Array.from({ length: 3 }, () => {
        const logs = own.map((log) => 0.03 * standardNormal(random) - log)
        const { low, high } = intervalOf(
          pairedLogRatio(
            logs.map(() => 1),
            logs.map(Math.exp),
          ),
          0.95,
          9,
        )
        return low <= 1 && 1 <= high
      }).every(Boolean),
    ),
  )
  figure('family interval of nine ratios: covers all', covered)
  expect(covered).toBeGreaterThanOrEqual(0.95)
})

/** Share of experiments whose interval holds the true ratio of 1.3. */
function coverage(noise: BlockNoise): number {
  return shareOf(EXPERIMENTS, 11, (random) => {
    const logs = Array.from({ length: BLOCKS }, (_, block) => noise(random, block))
    const baseline = logs.map(([own]) => Math.exp(own))
    const candidate = logs.map(([, other]) => 1.3 * Math.exp(other))
    const { low, high } = intervalOf(pairedLogRatio(baseline, candidate), 0.95)
    return low <= 1.3 && 1.3 <= high
  })
}

function spiky(random: Random): number {
  return standardNormal(random) * (random() < 0.1 ? 0.1 : 0.02)
}

function slowed(random: Random): number {
  return 0.02 * standardNormal(random) - (random() < 0.1 ? 0.2 * random() : 0)
}
