import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/naps.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const IMMEDIATE = napping({ napUs: 2, turns: 900, slowdown10: 1.2, gapOfSlice: 1.05 })
const TIMER = napping({ napUs: 1100, turns: 4000, slowdown10: 100, gapOfSlice: 0.1 })
const PROMISE = napping({ napUs: 0.1, turns: 0, slowdown10: 1, gapOfSlice: 40 })

test.each<[string, Record<string, MadeUpCase>, Record<string, string>]>([
  [
    'naps that cost and yield as the texts say',
    { setImmediate: IMMEDIATE, setTimeout: TIMER, promise: PROMISE },
    {
      'promise-yields-nothing': 'confirmed',
      'gap-is-slice-setImmediate': 'confirmed',
      'timer-naps-long': 'confirmed',
      'short-slices-cost-setImmediate': 'confirmed',
      'short-slices-cost-setTimeout': 'confirmed',
    },
  ],
  [
    'a promise that yields, a gap that follows no slice, and timers as quick as setImmediate',
    {
      setImmediate: napping({ napUs: 2, turns: 900, slowdown10: 0.9, gapOfSlice: 40 }),
      setTimeout: napping({ napUs: 2, turns: 900, slowdown10: 1.2, gapOfSlice: 1 }),
      promise: IMMEDIATE,
    },
    {
      'promise-yields-nothing': 'does not hold here',
      'gap-is-slice-setImmediate': 'does not hold here',
      'timer-naps-long': 'does not hold here',
      'short-slices-cost-setImmediate': 'does not hold here',
      'short-slices-cost-setTimeout': 'does not hold here',
    },
  ],
  [
    'what was not measured is not decided',
    {},
    {
      'promise-yields-nothing': 'undecided',
      'timer-naps-long': 'undecided',
      'short-slices-cost-setImmediate': 'undecided',
      'short-slices-cost-setTimeout': 'undecided',
    },
  ],
])('%s', (_, given, outcomes) => {
  expect(outcomesOf(lab, given)).toEqual(outcomes)
})

test('the pictures have a point for each slice length', () => {
  const [gaps] = lab.pictures(madeUpEvidence(lab, { setImmediate: IMMEDIATE }))
  expect(gaps).toMatchObject({
    kind: 'curve',
    series: [{ name: 'setImmediate', points: [{ x: 0.01 }, {}, {}, {}, {}] }],
  })
})

/** Three repetitions; `gapOfSlice` is the gap as a multiple of the slice. */
function napping(given: {
  readonly napUs: number
  readonly turns: number
  readonly slowdown10: number
  readonly gapOfSlice: number
}): MadeUpCase {
  const thrice = (value: number): number[] => [value, value * 1.02, value * 0.98]
  const figures: Record<string, number[]> = {
    napUs: thrice(given.napUs),
    turns: [given.turns, given.turns, given.turns],
  }
  for (const sliceUs of [10, 100, 1000, 10_000, 100_000]) {
    const gapMs = (given.gapOfSlice * sliceUs) / 1000
    figures[`slowdown${sliceUs}us`] = thrice(1 + ((given.slowdown10 - 1) * 10) / sliceUs)
    figures[`medianGap${sliceUs}usMs`] = thrice(gapMs)
    figures[`longestGap${sliceUs}usMs`] = thrice(gapMs * 1.5)
  }
  return { figures }
}
