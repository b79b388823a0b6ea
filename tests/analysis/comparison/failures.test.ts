import { expect, test } from 'vitest'
import { analyse } from '../../../analysis/comparison/comparison.ts'
import { failureText } from '../../../analysis/comparison/failures.ts'
import type { MeasuredTrial } from '../../../core/records.ts'
import { madeUpRun } from '../made-up-run.ts'

const run = madeUpRun({ models: ['single', 'cluster'], workloads: ['io'], blocks: 5 }, () => ({ throughput: 400 }))

/** The trials with this share of the requests refused. */
function refused(share: number, status: number): MeasuredTrial[] {
  return run.trials.map((trial) => {
    const { load } = trial.saturation
    const non2xx = Math.round(load.sent * share)
    const errorSamples = [
      { message: 'closed without an answer', count: 1 },
      { message: `status ${status}`, count: non2xx },
    ]
    const changed = { ...load, ok: load.ok - non2xx, non2xx, errorSamples }
    return { ...trial, outcome: 'invalid', saturation: { ...trial.saturation, load: changed } }
  })
}

test.each([
  [
    0.8,
    429,
    /^80(?:\.\d)? % of the requests at saturation failed, most often: status 429 \(the app limits its rate\)$/,
  ],
  [0.5, 503, /^50(?:\.\d)? % of the requests at saturation failed, most often: status 503$/],
])('%d of the answers with status %d are said', (share, status, text) => {
  expect(failureText(refused(share, status))).toMatch(text)
})

test('up to one in a hundred is not said', () => {
  expect(failureText(refused(0.005, 429))).toBeNull()
  expect(failureText(run.trials)).toBeNull()
  expect(failureText([])).toBeNull()
})

test('the sentence on the workload says it, with no verdict', () => {
  const { summary, verdicts } = analyse(run.manifest, run.pilot, refused(0.8, 429), run.blocks, run.histograms, null)
  expect(summary[0]).toMatch(
    /nothing can be compared.*; 80(?:\.\d)? % of the requests at saturation failed, most often: status 429/,
  )
  expect(verdicts).toEqual([])
})
