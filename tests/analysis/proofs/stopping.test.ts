import { expect, test } from 'vitest'
import { halfWidth, logMean, type LogEstimate } from '../../../analysis/statistics/interval.ts'
import { isNarrowEnough } from '../../../analysis/comparison/stopping.ts'
import { decide } from '../../../analysis/comparison/verdict.ts'
import { type Random, standardNormal } from '../../../core/random.ts'
import { claimsDifference, figure, shareOf } from './simulation.ts'

const [LEAST, MOST] = [8, 40]

test('a single plain 95 % interval that is stopped on its width excludes the truth in about 6 %', () => {
  const share = falseShare([0.02, 0.06], (ratio) => isNarrowEnough('throughput', ratio, 1))
  figure('A/A, sd of the ratio 2–6 %, stopped on width: 95 % interval excludes 1', share)
  expect(share).toBeLessThanOrEqual(0.065)
})

test('stopping when the difference is significant would find one several times as often', () => {
  const share = falseShare([0.04, 0.08], (ratio) => Math.abs(ratio.log) > halfWidth(ratio, 0.95))
  figure('A/A, stopped on significance, 95 % interval excludes 1', share)
  expect(share).toBeGreaterThan(0.15)
})

test('verdicts of experiments stopped on width claim a difference in at most 5 % of A/A experiments', () => {
  const share = shareOf(800, 32, (random) => {
    const sd = 0.02 + 0.03 * random()
    const ratios = Array.from({ length: 9 }, () => differences(random, MOST, sd))
    const stopAt = blockCounts().find((blocks) =>
      ratios.every((values) => isNarrowEnough('throughput', logMean(values.slice(0, blocks)), 9)),
    )
    return ratios.some((values) => {
      const ratio = logMean(values.slice(0, stopAt ?? MOST))
      const comparison = { workload: 'w', metric: 'throughput', baseline: 'a', candidate: 'b' } as const
      return claimsDifference(decide(comparison, ratio, { kind: 'full', family: 9, droppedBlocks: 0 }).call)
    })
  })
  figure('A/A, nine comparisons, stopped on width: false verdicts', share)
  expect(share).toBeLessThanOrEqual(0.05)
})

test('stopping on width saves blocks on a quiet host and none on a noisy one', () => {
  const stopAt = (sd: number): number => {
    let total = 0
    shareOf(200, 33, (random) => {
      const values = differences(random, MOST, sd)
      total += blockCounts().find((blocks) => isNarrowEnough('throughput', logMean(values.slice(0, blocks)), 9)) ?? MOST
      return true
    })
    return total / 200
  }
  expect(stopAt(0.01)).toBeLessThan(10)
  expect(stopAt(0.1)).toBe(MOST)
})

/** Share of A/A comparisons whose 95 % interval excludes 1 when the rule says stop (or the blocks are at an end). */
function falseShare([low, high]: readonly [number, number], stop: (ratio: LogEstimate) => boolean): number {
  return shareOf(5000, 31, (random) => {
    const values = differences(random, MOST, low + (high - low) * random())
    const stopped = blockCounts().find((blocks) => stop(logMean(values.slice(0, blocks)))) ?? MOST
    const ratio = logMean(values.slice(0, stopped))
    return Math.abs(ratio.log) > halfWidth(ratio, 0.95)
  })
}

function differences(random: Random, blocks: number, sd: number): number[] {
  return Array.from({ length: blocks }, () => sd * standardNormal(random))
}

function blockCounts(): number[] {
  return Array.from({ length: MOST - LEAST + 1 }, (_, i) => LEAST + i)
}
