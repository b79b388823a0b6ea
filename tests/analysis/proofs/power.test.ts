import { describe, expect, test } from 'vitest'
import { resolutionOf } from '../../../analysis/comparison/budget.ts'
import { blocksToFind } from '../../../analysis/statistics/power.ts'
import { CANDIDATES, FAMILY, figure, normalNoise, shareOf, simulateExperiment, WORKLOADS } from './simulation.ts'

/** Standard deviation of one trial's throughput on a quiet host: the upper end for CPU-bound work. */
const QUIET_SD = 0.015

describe('a slow-down of 5 %', () => {
  test('is found by the eight blocks of the default run on a quiet host, in at least 80 %', () => {
    const found = foundShare(8, QUIET_SD, 1 / 1.05, 400, 1)
    figure('5 % slow-down, sd 1.5 %, 8 blocks: found', found.right)
    expect(found.right).toBeGreaterThanOrEqual(0.8)
    expect(found.wrong).toBeLessThanOrEqual(0.002)
  })

  test.each([0.005, 0.01, 0.02, 0.03, 0.05])('is found by the planned number of blocks at a scatter of %d', (sd) => {
    const blocks = blocksToFind(Math.log(1.05), sd * Math.SQRT2, 0.95, FAMILY, 8) ?? 0
    const found = foundShare(blocks, sd, 1 / 1.05, 300, 2)
    figure(`5 % slow-down, sd ${sd * 100} %, ${blocks} blocks as planned: found`, found.right)
    expect(found.right).toBeGreaterThanOrEqual(0.8)
    expect(found.wrong).toBeLessThanOrEqual(0.01)
  })
})

test.each([
  [8, 0.02],
  [8, 0.05],
  [12, 0.03],
  [20, 0.01],
])('what %d blocks are said to resolve at a scatter of %d is found in at least four cases of five', (blocks, sd) => {
  const own = { throughput: sd * Math.SQRT2 }
  const workloads = Array.from({ length: WORKLOADS }, (_, i) => ({ id: `${i}`, kind: 'cpu' as const }))
  const { differences } = resolutionOf(blocks, CANDIDATES + 1, workloads, {
    blockSd: { cpu: own, io: own, mixed: own },
  })
  const difference = differences[0]?.difference ?? 0
  const found = foundShare(blocks, sd, 1 + difference, 300, 3)
  figure(`${(difference * 100).toFixed(1)} % faster, sd ${sd * 100} %, ${blocks} blocks: found`, found.right)
  expect(found.right).toBeGreaterThanOrEqual(0.8)
})

/** Share of the comparisons that are called right, and wrong, when every candidate has that ratio to the baseline. */
function foundShare(
  blocks: number,
  sd: number,
  ratio: number,
  experiments: number,
  seed: number,
): { right: number; wrong: number } {
  let [right, wrong] = [0, 0]
  shareOf(experiments, seed, (random) => {
    const calls = simulateExperiment(random, { blocks, noise: normalNoise(sd), logRatio: Math.log(ratio) })
    for (const call of calls) {
      if (call === (ratio > 1 ? 'better' : 'worse')) right += 1
      else if (call !== 'inconclusive') wrong += 1
    }
    return true
  })
  return { right: right / (experiments * FAMILY), wrong: wrong / (experiments * FAMILY) }
}
