import { expect, test } from 'vitest'
import { planBlocks, QUIET_HOST_SCATTER, resolutionOf, scatterIn } from '../../analysis/budget.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { seededRandom, standardNormal } from '../../core/random.ts'
import { madeUpRun } from './made-up-run.ts'

const REQUEST = { budgetS: 300, trialS: 2.5, pilotS: 15, models: 4, workloads: 3, sentinelShare: 0.5 }

test('a budget becomes as many blocks as fit, with the time they take', () => {
  const plan = planBlocks(REQUEST)
  expect(plan).toMatchObject({ kind: 'full', blocks: 8, expectedS: 15 + 8 * 3 * 4.5 * 2.5 })
  expect(planBlocks({ ...REQUEST, budgetS: 120 })).toMatchObject({ kind: 'pilot', blocks: 3 })
  expect(planBlocks({ ...REQUEST, budgetS: 1e6 }).blocks).toBe(40)
})

test('a budget that is too small is refused with the one that would do', () => {
  const refused = (): unknown => planBlocks({ ...REQUEST, budgetS: 60 })
  expect(refused).toThrow(ForkwiseError)
  expect(refused).toThrow(/at least 117 s for 3 blocks of 4 models × 3 workloads, got 60 s/)
})

test('more blocks and fewer comparisons resolve smaller differences, down to the thresholds', () => {
  const of = (blocks: number, models: number): number => resolutionOf(blocks, models, 3).differences[0]?.difference ?? 0
  expect(of(20, 4)).toBeLessThan(of(8, 4))
  expect(of(8, 2)).toBeLessThan(of(8, 4))
  expect(resolutionOf(40, 2, 1, { throughput: 0.0001 }).differences[0]?.difference).toBeCloseTo(0.03, 3)
})

test('what can be resolved is said in a sentence that names what it rests on', () => {
  expect(resolutionOf(8, 4, 3).sentence).toMatch(
    /^8 blocks will tell differences from \d\.\d % in throughput and \d\.\d % in CPU time per request on, in four cases of five, if the host stays quiet\.$/,
  )
  expect(resolutionOf(8, 4, 3, { 'latency-p99': 0.3 }).sentence).toMatch(
    /from \d+ % in p99 latency on, .* measured before/,
  )
  expect(resolutionOf(8, 4, 3, {}).sentence).toBe('What can be told is not known before the first blocks.')
})

test('the scatter of an earlier run is the median over its comparisons', () => {
  const random = seededRandom(2)
  const run = madeUpRun({ models: ['a', 'b', 'c'], workloads: ['cpu', 'io'], blocks: 40, latencyS: 0 }, () => ({
    throughput: 100 * Math.exp(standardNormal(random) * 0.02),
    cpuMs: 10 * Math.exp(standardNormal(random) * 0.005),
  }))
  const scatter = scatterIn(run)
  expect(scatter.throughput).toBeCloseTo(0.02 * Math.SQRT2, 2)
  expect(scatter['cpu-per-request']).toBeCloseTo(0.005 * Math.SQRT2, 3)
  expect(scatter['latency-p99']).toBeUndefined()
  expect(Object.keys(QUIET_HOST_SCATTER)).toEqual(['throughput', 'cpu-per-request'])
})
