import { expect, test } from 'vitest'
import { countNotes } from '../../../analysis/comparison/reconciliation.ts'
import type { Reconciliation, TrialRecord } from '../../../core/records.ts'
import { madeUpRun } from '../made-up-run.ts'

function trialsWith(...counts: Partial<Reconciliation>[]): TrialRecord[] {
  const { trials } = madeUpRun({ models: ['single'], workloads: ['cpu'], blocks: counts.length }, () => ({
    throughput: 9,
  }))
  return trials.map((trial, i) => ({
    ...trial,
    reconciliation: { clientAnswered: 1000, clientSent: 1000, serverAnswered: 1000, agrees: true, ...counts[i] },
  }))
}

test('counts that agree are summed', () => {
  expect(countNotes(trialsWith({}, { stored: null }))).toEqual([
    'Counts agree in all 2 trials: 2,000 answers received, 2,000 given.',
  ])
  expect(countNotes(trialsWith({ stored: 995 }))).toEqual([
    'Counts agree in the one trial: 1,000 answers received, 1,000 given, 995 in the stored series.',
  ])
})

test('requests that were in flight at the end are no disagreement, and are named', () => {
  const late = { clientAnswered: 1000, clientSent: 1100, serverAnswered: 1060, stored: 1060 }
  expect(countNotes(trialsWith(late))).toEqual([
    'Counts agree in the one trial: 1,000 answers received, 1,060 given, 1,060 in the stored series (60 were in flight when a slice ended).',
  ])
  expect(countNotes(trialsWith({ ...late, stored: 1150 }))).toEqual([
    expect.stringMatching(/^Counts disagree in 1 of 1/),
  ])
})

test('where counts disagree, the trial is named with each of them', () => {
  expect(countNotes(trialsWith({ stored: 1000 }, { stored: 985 }, { stored: 1015 }))).toEqual([
    'Counts disagree in 2 of 3 trials, e.g. b1-single-cpu: 1,000 answers received, 1,000 given, 985 in the stored series.',
  ])
  expect(countNotes(trialsWith({ serverAnswered: 990, agrees: false }))).toEqual([
    'Counts disagree in 1 of 1 trial, b0-single-cpu: 1,000 answers received, 990 given.',
  ])
})

test('where no server counts there is nothing to say', () => {
  expect(countNotes(trialsWith({ serverAnswered: null, stored: null }))).toEqual([])
})
