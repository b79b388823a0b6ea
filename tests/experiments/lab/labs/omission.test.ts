import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/omission.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

test.each<[string, Record<string, MadeUpCase>, Record<string, string>]>([
  [
    'a stall that only the open loop sees confirms it',
    { closed: p99(5), open: p99(970) },
    { 'closed-hides-it': 'confirmed', 'open-shows-it': 'confirmed' },
  ],
  [
    'the opposite refutes it',
    { closed: p99(970), open: p99(5) },
    { 'closed-hides-it': 'does not hold here', 'open-shows-it': 'does not hold here' },
  ],
  ['nothing measured decides nothing', {}, { 'closed-hides-it': 'undecided', 'open-shows-it': 'undecided' }],
])('%s', (_, told, outcomes) => {
  expect(outcomesOf(lab, told)).toEqual(outcomes)
})

test('what happened is some ms or about the stall, or unknown', () => {
  expect(lab.outcomes(madeUpEvidence(lab, { closed: p99(5) }))).toEqual({ closed: 'some ms', open: null })
})

test('the heat map has a column for each second and a row for each order of latency', () => {
  const events = [
    { t: 0, lane: '1', kind: 'answered', row: 0, count: 90 },
    { t: 2000, lane: '300', kind: 'answered', row: 5, count: 40 },
  ]
  const [heat] = lab.pictures(madeUpEvidence(lab, { open: { ...p99(900), events } }))
  expect(heat).toMatchObject({
    kind: 'heat',
    x: { edges: [0, 1, 2, 3] },
    counts: [
      [90, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 40],
      [0, 0, 0],
      [0, 0, 0],
    ],
  })
})

function p99(p99Ms: number): MadeUpCase {
  return { figures: { p99Ms: [p99Ms], maxMs: [1000], requests: [300], slowPercent: [1], stallMs: [1000] } }
}
