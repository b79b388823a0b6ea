import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/models.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const UNDECIDED = {
  'all-count-the-same': 'undecided',
  'small-pieces-cost-actors': 'undecided',
  'small-pieces-cost-csp': 'undecided',
  'moving-dominates-actors': 'undecided',
  'moving-dominates-csp': 'undecided',
}

test.each<[string, Record<string, MadeUpCase>, Record<string, string>]>([
  [
    'messages that cost more than the words in them confirm it',
    {
      actors: took([80, 82, 81], [75, 76, 74]),
      'actors-large': took([12, 12.1, 11.9], [20, 21, 19]),
      csp: took([400, 410, 405], [98, 98, 97]),
      'csp-large': took([20, 21, 20.5], [60, 61, 62]),
    },
    Object.fromEntries(Object.keys(UNDECIDED).map((id) => [id, 'confirmed'])),
  ],
  [
    'messages that cost nothing, and a wrong count, refute it',
    {
      actors: took([12, 12.1, 11.9], [20, 21, 19], 'wrong'),
      'actors-large': took([12, 12.1, 11.9], [20, 21, 19]),
      csp: took([12, 12.1, 11.9], [20, 21, 19]),
      'csp-large': took([12, 12.1, 11.9], [20, 21, 19]),
    },
    Object.fromEntries(Object.keys(UNDECIDED).map((id) => [id, 'does not hold here'])),
  ],
  [
    'times that vary by more than they differ decide nothing of time',
    {
      actors: took([12, 80, 30], [20, 50, 80]),
      'actors-large': took([12, 14, 15], [20, 21, 19]),
      csp: took([12, 80, 30], [20, 50, 80]),
      'csp-large': took([12, 14, 15], [20, 21, 19]),
    },
    { ...UNDECIDED, 'all-count-the-same': 'confirmed' },
  ],
  ['nothing measured decides nothing', {}, UNDECIDED],
])('%s', (_, told, outcomes) => {
  expect(outcomesOf(lab, told)).toEqual(outcomes)
})

test('what happened names the fastest model of small pieces, and how much dearer they are', () => {
  const evidence = madeUpEvidence(lab, {
    locks: took([9, 9, 9]),
    actors: took([30, 30, 30], [70, 70, 70]),
    'actors-large': took([3, 3, 3], [20, 20, 20]),
  })
  expect(lab.outcomes(evidence)).toEqual({ fastest: 'threads and locks', actors: 10, csp: null })
})

test('a lane is counting, then the rest; one bar where the two cannot be told apart', () => {
  const evidence = madeUpEvidence(lab, { locks: took([9, 9, 9]), actors: took([30, 30, 30], [70, 70, 70], 'right', 9) })
  const [lanes] = lab.pictures(evidence)
  expect(lanes).toMatchObject({
    kind: 'gantt',
    spanMs: 30,
    lanes: [
      { name: 'threads and locks', bars: [{ fromMs: 0, toMs: 9 }] },
      {
        name: 'actors',
        bars: [
          { fromMs: 0, toMs: 9, label: 'counting' },
          { fromMs: 9, toMs: 30, label: 'moving' },
        ],
      },
    ],
  })
})

function took(
  tookMs: readonly number[],
  movedPercent: readonly number[] = [],
  counts = 'right',
  countMs: number | null = null,
): MadeUpCase {
  return {
    figures: { tookMs, movedPercent, ...(countMs === null ? {} : { countMs: tookMs.map(() => countMs) }) },
    words: { counts: tookMs.map(() => counts) },
  }
}
