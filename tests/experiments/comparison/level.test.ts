import { describe, expect, test } from 'vitest'
import { logMean } from '../../../analysis/statistics/interval.ts'
import { halfWidthsOf } from '../../../analysis/comparison/verdict.ts'
import { type Random, seededRandom, standardNormal } from '../../../core/random.ts'
import { LOOKS, simulateRun, type SimulatedRun } from './procedure.ts'
import {
  claimsDifference,
  figure,
  normalNoise,
  shareOf,
  type TrialNoise,
  WITH_FIGURES,
} from '../../analysis/proofs/simulation.ts'

const EXPERIMENTS = WITH_FIGURES ? 5000 : 400
const SCATTERS = WITH_FIGURES ? [0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08] : [0.005, 0.08]

/** How hosts disturb a trial whose usual scatter is `sd`. */
const HOSTS: readonly { readonly host: string; readonly noise: (sd: number) => TrialNoise }[] = [
  { host: 'steady', noise: normalNoise },
  {
    host: 'drifting',
    noise: (sd) => (random, block) => sd * standardNormal(random) + 0.02 * (random() - 0.5) * block,
  },
  {
    host: 'contaminated',
    noise: (sd) => (random) => standardNormal(random) * (random() < 0.1 ? 5 * sd : sd),
  },
]

describe.each(HOSTS)('equal models on a $host host, looked at after each round', ({ host, noise }) => {
  test.each(SCATTERS)(
    'at a scatter of %d differ in at most 5 % of the runs, and their intervals hold the truth',
    (sd) => {
      const random = seededRandom(51)
      const runs = Array.from({ length: EXPERIMENTS }, () => simulateRun(random, noise(sd), LOOKS))
      const fixed = Array.from({ length: WITH_FIGURES ? EXPERIMENTS : 0 }, () => simulateRun(random, noise(sd), null))
      const wrong = runs.filter(({ calls }) => calls.some(claimsDifference)).length / runs.length
      const covered = shareCovered(runs)
      const name = `${host}, sd ${sd * 100} %`
      figure(`${name}: false verdicts`, wrong)
      figure(
        `${name}: false verdicts of eight blocks without a look`,
        fixed.filter(({ calls }) => calls.some(claimsDifference)).length / Math.max(1, fixed.length),
      )
      figure(`${name}: 95 % interval covers`, covered)
      figure(`${name}: decided`, decidedShare(runs))
      figure(`${name}: decided without a look`, decidedShare(fixed))
      figure(`${name}: time of what was announced`, shareOfTime(runs))
      expect(wrong).toBeLessThanOrEqual(0.05)
      expect(covered).toBeGreaterThanOrEqual(0.93)
    },
  )
})

test('looking at the plain interval after each round would find differences that are none', () => {
  const share = shareOf(2000, 52, (random) => !holdsAtAllLooks(random, LOOKS.planned, false))
  figure('A/A, plain 95 % interval looked at after 5 … 8 blocks: excludes 1', share)
  expect(share).toBeGreaterThan(0.08)
})

test.each([8, 9, 12])(
  'all intervals of a comparison together, the last after %d blocks, hold the truth in at least 94 of 100',
  (last) => {
    const share = shareOf(WITH_FIGURES ? 40_000 : 3000, 53, (random) => holdsAtAllLooks(random, last, true))
    figure(`A/A, intervals at all looks up to ${last} blocks hold the truth`, share)
    expect(share).toBeGreaterThanOrEqual(0.94)
  },
)

/** Whether the 95 % interval holds 1 at each look, with its part of the error rate or, each by itself, with all of it. */
function holdsAtAllLooks(random: Random, last: number, isShared: boolean): boolean {
  const values = Array.from({ length: last }, () => standardNormal(random))
  return [5, 6, 7, last].every((blocks) => {
    const ratio = logMean(values.slice(0, blocks))
    const looks = isShared ? { looks: { ...LOOKS, isLast: blocks === last } } : {}
    return Math.abs(ratio.log) <= halfWidthsOf(ratio, { family: 1, ...looks }, blocks).interval
  })
}

test('large differences end a workload early, and what that saves goes to the others', () => {
  const random = seededRandom(54)
  const runs = Array.from({ length: 100 }, () =>
    simulateRun(random, normalNoise(0.012), LOOKS, (workload) => (workload === 0 ? Math.log(1.8) : 0.035)),
  )
  const blocksOf = (workload: number): number =>
    runs.reduce((sum, { blocks }) => sum + (blocks[workload] ?? 0), 0) / runs.length
  figure('blocks of a workload with large differences, of those planned', blocksOf(0) / LOOKS.planned)
  figure('blocks of the others, of those planned', (blocksOf(1) + blocksOf(2)) / 2 / LOOKS.planned)
  expect(blocksOf(0)).toBeLessThan(LOOKS.planned)
  expect(blocksOf(1)).toBeGreaterThan(LOOKS.planned)
})

function shareCovered(runs: readonly SimulatedRun[]): number {
  const covered = runs.flatMap((run) => run.covered)
  return covered.filter(Boolean).length / covered.length
}

function decidedShare(runs: readonly SimulatedRun[]): number {
  const calls = runs.flatMap((run) => run.calls)
  return calls.filter((call) => call !== 'inconclusive').length / Math.max(1, calls.length)
}

function shareOfTime(runs: readonly SimulatedRun[]): number {
  return runs.reduce((sum, { tookS, announcedS }) => sum + tookS / announcedS, 0) / runs.length
}
