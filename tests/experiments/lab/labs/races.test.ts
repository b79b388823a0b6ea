import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/races.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const KEPT = counted([0, 0, 0])
const SAFE = {
  'await-atomic': KEPT,
  atomics: KEPT,
  mutex: KEPT,
  'compare-exchange': KEPT,
  actor: counted([0, 0, 0], 4000),
  channel: KEPT,
}

test.each<[string, Record<string, MadeUpCase>, Record<string, string>]>([
  [
    'losses where they are expected and nowhere else confirm it',
    { ...SAFE, plain: counted([5, 6, 7]), await: counted([9, 9, 9]) },
    {
      'lost-between-threads': 'confirmed',
      'lost-in-one-thread': 'confirmed',
      'none-lost': 'confirmed',
      'messages-are-dearer': 'confirmed',
    },
  ],
  [
    'no losses at all refute that plain counting loses any, and cheap messages that they are dear',
    { ...SAFE, plain: KEPT, await: KEPT, actor: counted([0, 0, 0], 30) },
    {
      'lost-between-threads': 'does not hold here',
      'lost-in-one-thread': 'does not hold here',
      'none-lost': 'confirmed',
      'messages-are-dearer': 'does not hold here',
    },
  ],
  [
    'losses now and then are races; losses of safe ways now and then, and what was not measured, decide nothing',
    { plain: counted([0, 6, 0]), mutex: counted([0, 1, 0]) },
    {
      'lost-between-threads': 'confirmed',
      'lost-in-one-thread': 'undecided',
      'none-lost': 'undecided',
      'messages-are-dearer': 'undecided',
    },
  ],
])('%s', (_, given, outcomes) => {
  expect(outcomesOf(lab, given)).toEqual(outcomes)
})

test('what happened is the choice that is right, or unknown', () => {
  const evidence = madeUpEvidence(lab, { plain: counted([0, 3, 0]), mutex: KEPT })
  expect(lab.outcomes(evidence)).toMatchObject({ plain: 'loses some', mutex: 'keeps all', actor: null })
})

function counted(lost: readonly number[], ns: number = 30): MadeUpCase {
  return {
    figures: {
      lost,
      lostPercent: lost.map((count) => count / 10),
      nsPerIncrement: lost.map((_, index) => ns + index),
    },
  }
}
