import { expect, test } from 'vitest'
import type { VerdictMetric } from '../../../core/records.ts'
import { standardNormal } from '../../../core/random.ts'
import { claimsDifference, figure, normalNoise, shareOf, simulateExperiment } from './simulation.ts'

test('5,000 A/A experiments on hosts from quiet to very noisy: at most 5 % claim any difference', () => {
  const share = shareOf(5000, 1, (random) => {
    const sd = 0.003 * (0.08 / 0.003) ** random()
    return simulateExperiment(random, { blocks: 8 + Math.floor(random() * 5), noise: normalNoise(sd) }).some(
      claimsDifference,
    )
  })
  figure('A/A, sd 0.3–8 %, 8–12 blocks', share)
  expect(share).toBeLessThanOrEqual(0.05)
})

test('the worst host there is, sd 20 % from trial to trial: still at most 5 %', () => {
  const share = shareOf(5000, 2, (random) =>
    simulateExperiment(random, { blocks: 10, noise: normalNoise(0.2) }).some(claimsDifference),
  )
  figure('A/A, sd 20 %, 10 blocks', share)
  expect(share).toBeLessThanOrEqual(0.05)
})

test('pilots of three blocks: at most 5 %', () => {
  const share = shareOf(1500, 3, (random) =>
    simulateExperiment(random, { blocks: 3, noise: normalNoise(0.05) }).some(claimsDifference),
  )
  figure('A/A, sd 5 %, pilot of 3 blocks', share)
  expect(share).toBeLessThanOrEqual(0.05)
})

test('heavy tails (a tenth of the trials five times as noisy): at most 5 %', () => {
  const share = shareOf(1500, 4, (random) =>
    simulateExperiment(random, {
      blocks: 10,
      noise: (random) => standardNormal(random) * (random() < 0.1 ? 0.15 : 0.03),
    }).some(claimsDifference),
  )
  figure('A/A, contaminated, 10 blocks', share)
  expect(share).toBeLessThanOrEqual(0.05)
})

test('all five metrics of a run together, with the scatter each has on a usual host: at most 5 % of the runs', () => {
  const scatter: readonly [VerdictMetric, low: number, high: number][] = [
    ['throughput', 0.002, 0.03],
    ['cpu-per-request', 0.003, 0.015],
    ['latency-p50', 0.005, 0.03],
    ['latency-p95', 0.02, 0.08],
    ['latency-p99', 0.05, 0.15],
  ]
  const share = shareOf(1000, 5, (random) =>
    scatter.some(([metric, low, high]) =>
      simulateExperiment(random, { blocks: 8, metric, noise: normalNoise(low * (high / low) ** random()) }).some(
        claimsDifference,
      ),
    ),
  )
  figure('A/A, 45 comparisons, usual host', share)
  expect(share).toBeLessThanOrEqual(0.05)
})
