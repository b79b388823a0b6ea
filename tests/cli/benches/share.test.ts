import { expect, test } from 'vitest'
import { rowOf, timesOf } from '../../../cli/benches/share.ts'
import { madeUpRun } from '../../analysis/made-up-run.ts'

function trialWith(latenciesMs: readonly number[] | undefined): Parameters<typeof timesOf>[0] {
  const { trials } = madeUpRun({ models: ['single'], workloads: ['cpu'], blocks: 1 }, () => ({
    throughput: 100,
    ...(latenciesMs === undefined ? {} : { latenciesMs }),
  }))
  const [trial] = trials
  if (trial === undefined) throw new Error('Expected a trial.')
  return trial
}

test('what is counted of a trial are both its slices', () => {
  expect(timesOf(trialWith([5]), 10)).toEqual({ wallS: 10, countedS: 6, launchS: 0.5, warmupS: 0 })
})

test('a trial without latencies is no trial of a comparison', () => {
  expect(timesOf(trialWith(undefined), 10)).toBeNull()
})

test('half of the time is the goal of what comparisons do now; what they did has none', () => {
  const [half, third] = [10, 15].map((wallS) => ({ wallS, countedS: 5, launchS: 1, warmupS: 2 }))
  if (half === undefined || third === undefined) throw new Error('Expected two trials.')
  expect(rowOf('now', [half], true)).toMatchObject({ met: true, measured: expect.stringMatching(/^50 % /) as string })
  expect(rowOf('now', [half, third], true)).toMatchObject({ met: false })
  expect(rowOf('before', [third], false)).toMatchObject({ met: null, goal: '' })
})
