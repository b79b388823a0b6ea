import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/queues.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

test.each<[string, Record<string, MadeUpCase>, Record<string, string>]>([
  [
    'longer waits behind dealt customers confirm it',
    {
      'one-queue': p99s([50, 51, 52]),
      'least-busy': p99s([60, 61, 62]),
      'in-turn': p99s([90, 95, 92]),
      'at-random': p99s([140, 150, 145]),
    },
    { 'in-turn-is-worse': 'confirmed', 'random-is-worse': 'confirmed', 'least-busy-is-better': 'confirmed' },
  ],
  [
    'the same waits refute it',
    {
      'one-queue': p99s([50, 51, 52]),
      'least-busy': p99s([98, 99, 97]),
      'in-turn': p99s([50, 51, 52]),
      'at-random': p99s([45, 46, 44]),
    },
    {
      'in-turn-is-worse': 'does not hold here',
      'random-is-worse': 'does not hold here',
      'least-busy-is-better': 'does not hold here',
    },
  ],
  [
    'late timers refute nothing',
    {
      'one-queue': p99s([50, 51, 52], 40),
      'least-busy': p99s([61, 62, 60], 40),
      'in-turn': p99s([50, 51, 50], 40),
      'at-random': p99s([51, 50, 51], 40),
    },
    { 'in-turn-is-worse': 'undecided', 'random-is-worse': 'undecided', 'least-busy-is-better': 'undecided' },
  ],
  [
    'nothing measured decides nothing',
    {},
    { 'in-turn-is-worse': 'undecided', 'random-is-worse': 'undecided', 'least-busy-is-better': 'undecided' },
  ],
])('%s', (_, told, outcomes) => {
  expect(outcomesOf(lab, told)).toEqual(outcomes)
})

test('what happened is how many times the p99 of one queue each p99 is', () => {
  const evidence = madeUpEvidence(lab, { 'one-queue': p99s([50, 50, 50]), 'in-turn': p99s([100, 100, 100]) })
  expect(lab.outcomes(evidence)).toEqual({ 'in-turn': 2, 'at-random': null, 'least-busy': null })
})

test('each worker has a lane, with those in red who had waited', () => {
  const events = [
    { t: 1, lane: 'in-turn 1', kind: 'served', id: 1, arriveMs: 0, startMs: 0, endMs: 5 },
    { t: 2, lane: 'in-turn 2', kind: 'served', id: 2, arriveMs: 1, startMs: 30, endMs: 40 },
  ]
  const [gantt] = lab.pictures(madeUpEvidence(lab, { 'in-turn': { ...p99s([90]), events } }))
  expect(gantt).toMatchObject({
    kind: 'gantt',
    lanes: [
      { name: 'worker 1', bars: [{ fromMs: 0, toMs: 5, tone: 'busy' }] },
      { name: 'worker 2', bars: [{ fromMs: 30, toMs: 40, tone: 'bad' }] },
    ],
  })
})

function p99s(p99Ms: readonly number[], latenessMs = 1): MadeUpCase {
  return { figures: { p99Ms, customers: p99Ms.map(() => 800), latenessMs: p99Ms.map(() => latenessMs) } }
}
