import { expect, test } from 'vitest'
import { measuringTime } from '../../../analysis/comparison/measuring-time.ts'
import { observe } from '../../../analysis/comparison/observations.ts'
import type { BlockRecord, TrialRecord } from '../../../core/records.ts'
import { madeUpRun } from '../made-up-run.ts'

const PLAN = { models: ['single', 'cluster'], workloads: ['cpu'], blocks: 2, expectedS: 60 } as const

function timeOf(
  change: (trial: TrialRecord) => TrialRecord = (trial) => trial,
  tookS: number | undefined = 25,
  dropped: readonly number[] = [],
): ReturnType<typeof measuringTime> {
  const run = madeUpRun(PLAN, () => ({ throughput: 100, latenciesMs: [5] }))
  const blocks = run.blocks.map((block): BlockRecord => ({
    ...block,
    kept: !dropped.includes(block.block),
    ...(tookS === undefined ? {} : { tookS }),
  }))
  const observations = observe(run.trials.map(change), blocks, run.histograms)
  return measuringTime(run.manifest.plan, { tookS: 10 }, blocks, observations)
}

test('is what both slices of every trial counted, out of what pilot and blocks took', () => {
  expect(timeOf()).toEqual({ countedS: 4 * 6, tookS: 10 + 2 * 25, announcedS: 60 })
})

test('time of trials that are not used is spent and not counted', () => {
  expect(timeOf(undefined, 25, [1])).toMatchObject({ countedS: 2 * 6, tookS: 60 })
  expect(timeOf((trial) => ({ ...trial, outcome: 'invalid' }) as TrialRecord)).toMatchObject({ countedS: 0 })
})

test('nor is a latency slice whose load was not as asked for', () => {
  const late = (trial: TrialRecord): TrialRecord =>
    trial.outcome === 'failed' || trial.latency === null
      ? trial
      : { ...trial, latency: { ...trial.latency, faults: ['sent late'] } }
  expect(timeOf(late)).toMatchObject({ countedS: 4 * 3 })
})

test('is not known of older records', () => {
  const run = madeUpRun(PLAN, () => ({ throughput: 100 }))
  const observations = observe(run.trials, run.blocks, run.histograms)
  expect(measuringTime(run.manifest.plan, run.pilot, run.blocks, observations)).toBeNull()
})
