import { expect, test } from 'vitest'
import { fairnessOf, meanShares, sharesOf } from '../../../analysis/comparison/fairness.ts'

const CASES: readonly [sentence: string, counts: number[], jain: number, idle: number, spread: number][] = [
  ['all alike is 1', [50, 50, 50, 50], 1, 0, 0],
  ['one that has everything is 1/n', [100, 0, 0, 0], 0.25, 3, 1],
  ['half of the workers idle is 1/2', [50, 50, 0, 0], 0.5, 2, 0.5],
  ['a single worker is fair', [7], 1, 0, 0],
  ['60 : 40 is nearly fair', [60, 40], 1 / 1.04, 0, 0.2],
]

test.each(CASES)('Jain: %s', (_, counts, jain, idleWorkers, shareSpread) => {
  expect(fairnessOf(counts)).toEqual({
    jain: expect.closeTo(jain, 12),
    idleWorkers,
    shareSpread: expect.closeTo(shareSpread, 12),
  })
})

test('without requests there is nothing to be fair about', () => {
  expect([fairnessOf([]), fairnessOf([0, 0])]).toEqual([null, null])
})

test('shares are largest first, and their mean over blocks goes place by place', () => {
  expect(sharesOf([10, 30, 60])).toEqual([0.6, 0.3, 0.1])
  expect(sharesOf([0, 0])).toEqual([])
  const mean = meanShares([[0.7, 0.3], [0.5, 0.5], []])
  expect(mean).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.4, 12)])
  expect(meanShares([])).toEqual([])
})
