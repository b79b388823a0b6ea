import { describe, expect, test } from 'vitest'
import { isSettled, settledText, type Standing, standingsOf } from '../../../analysis/comparison/standing.ts'
import { seededRandom, standardNormal } from '../../../core/random.ts'
import type { Looks } from '../../../core/records.ts'
import { type MadeUpRun, madeUpRun } from '../made-up-run.ts'

const LOOKS: Looks = { from: 5, planned: 8 }

/** A run without latencies in which `b` has 1.8 × the throughput of `a` and as much CPU, with that scatter. */
function runOf(blocks: number, sd: number, looks: Looks | undefined = LOOKS): MadeUpRun {
  const random = seededRandom(4)
  const noise = (): number => Math.exp(standardNormal(random) * sd)
  const plan = { models: ['a', 'b'], workloads: ['cpu', 'io'], blocks, latencyS: 0 }
  return madeUpRun({ ...plan, ...(looks === undefined ? {} : { looks }) }, ({ model }) => ({
    throughput: (model === 'a' ? 100 : 180) * noise(),
    cpuMs: 10 * noise(),
  }))
}

describe('how the comparisons of each workload stand', () => {
  test('all are called where the run is clear', () => {
    const standing = { blocks: 6, called: 2, open: 0, closed: 0 }
    expect(standingsOf(runOf(6, 0.001))).toEqual([
      { workload: 'cpu', ...standing },
      { workload: 'io', ...standing },
    ])
  })

  test('nothing is called before the first look, nor closed without a reason', () => {
    expect(standingsOf(runOf(4, 0.001))[0]).toMatchObject({ blocks: 4, called: 0, open: 2 })
  })

  test('what so noisy a host cannot show is closed', () => {
    const [standing] = standingsOf(runOf(7, 0.8))
    expect(standing?.called).toBe(0)
    expect(standing?.closed).toBeGreaterThan(0)
  })

  test('a comparison without a pair of trials keeps no workload going', () => {
    const run = runOf(6, 0.001)
    const trials = run.trials.filter(({ workload, model }) => workload !== 'io' || model !== 'b')
    expect(standingsOf({ ...run, trials })[1]).toMatchObject({ workload: 'io', called: 0, open: 0, closed: 2 })
  })

  test('is not asked in a run without looks, nor of a model alone', () => {
    expect(
      standingsOf(madeUpRun({ models: ['a', 'b'], workloads: ['cpu'], blocks: 8 }, () => ({ throughput: 1 }))),
    ).toEqual([])
    expect(
      standingsOf(madeUpRun({ models: ['a'], workloads: ['cpu'], blocks: 8, looks: LOOKS }, () => ({ throughput: 1 }))),
    ).toEqual([])
  })
})

test('a workload is settled at a look before its planned blocks at which nothing is open', () => {
  expect(isSettled({ blocks: 5, open: 0 }, LOOKS)).toBe(true)
  expect(isSettled({ blocks: 5, open: 1 }, LOOKS)).toBe(false)
  expect(isSettled({ blocks: 4, open: 0 }, LOOKS)).toBe(false)
  expect(isSettled({ blocks: 8, open: 0 }, LOOKS)).toBe(false)
  expect(isSettled({ blocks: 6, open: null }, LOOKS)).toBe(false)
})

test('is said with what is called and what is given up', () => {
  const standing: Standing = { workload: 'io', blocks: 6, called: 12, open: 0, closed: 3 }
  expect(settledText(standing, 8)).toBe(
    'io needs no more than 6 of the 8 blocks: 12 of 15 comparisons are called, and more blocks would not call the rest.',
  )
  expect(settledText({ ...standing, closed: 0 }, 8)).toBe(
    'io needs no more than 6 of the 8 blocks: all 12 comparisons are called.',
  )
})
