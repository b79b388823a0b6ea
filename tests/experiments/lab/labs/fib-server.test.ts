import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/fib-server.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

test.each<[string, Record<string, MadeUpCase>, Record<string, string>]>([
  [
    'loops that stand still, pools that go on and threads of Python that fall confirm it',
    {
      loop: kept(6000, 0.4),
      'loop-pool': kept(2000, 90),
      'threads-pool': kept(900, 95),
      threads: kept(5000, 90),
      'one-at-a-time': kept(8000, 100, 0),
      'python-loop': kept(7000, 0.3),
      'python-threads': kept(8000, 4),
      'python-threads-pool': kept(700, 80),
    },
    {
      'loop-stands-still': 'confirmed',
      'pool-goes-on': 'confirmed',
      'pool-is-not-free': 'confirmed',
      'threads-go-on': 'confirmed',
      'one-at-a-time-locks-out': 'confirmed',
      'one-at-a-time-goes-on': 'confirmed',
      'python-threads-fall': 'confirmed',
      'python-pool-goes-on': 'confirmed',
    },
  ],
  [
    'the opposite refutes it, and nothing is claimed of a Python that is not there',
    { loop: kept(2000, 70), 'loop-pool': kept(6000, 1), 'threads-pool': kept(6000, 1), 'one-at-a-time': kept(1, 1, 9) },
    {
      'loop-stands-still': 'does not hold here',
      'pool-goes-on': 'does not hold here',
      'pool-is-not-free': 'does not hold here',
      'threads-go-on': 'undecided',
      'one-at-a-time-locks-out': 'does not hold here',
      'one-at-a-time-goes-on': 'does not hold here',
    },
  ],
  [
    'a pool that goes on and one that does not, and what was not measured, decide nothing',
    { 'loop-pool': kept(2000, 90), 'threads-pool': kept(2000, 20) },
    {
      'loop-stands-still': 'undecided',
      'pool-goes-on': 'undecided',
      'pool-is-not-free': 'undecided',
      'threads-go-on': 'undecided',
      'one-at-a-time-locks-out': 'undecided',
      'one-at-a-time-goes-on': 'undecided',
    },
  ],
])('%s', (_, told, outcomes) => {
  expect(outcomesOf(lab, told)).toEqual(outcomes)
})

test('two rates that are nearly the same decide nothing about what a pool costs', () => {
  expect(outcomesOf(lab, { loop: kept(2000, 0.4), 'loop-pool': kept(1950, 90) })).toMatchObject({
    'pool-is-not-free': 'undecided',
  })
})

test('more than all of the short requests can be left, and the claim says why', () => {
  const told = { 'loop-pool': kept(2000, 155), 'threads-pool': kept(900, 90), threads: kept(3000, 108) }
  expect(outcomesOf(lab, told)).toMatchObject({ 'pool-goes-on': 'confirmed', 'threads-go-on': 'confirmed' })
  const sentenceOf = (claim: string): string =>
    lab.claims(madeUpEvidence(lab, told)).find(({ id }) => id === claim)?.sentence ?? ''
  expect(sentenceOf('pool-goes-on')).toContain(
    'client and server share another, and need not wake each other across cores',
  )
  expect(sentenceOf('threads-go-on')).not.toContain('across cores')
})

test('what happened is next to none, some or most of the short requests, or unknown', () => {
  const evidence = madeUpEvidence(lab, { loop: kept(6000, 0.4), threads: kept(3000, 30), 'loop-pool': kept(2000, 90) })
  expect(lab.outcomes(evidence)).toEqual({
    'one-at-a-time': null,
    threads: 'some',
    'threads-pool': null,
    loop: 'next to none',
    'loop-pool': 'most of them',
  })
})

test('rates are drawn in per cent of those before the long one came, with marks where it comes and leaves', () => {
  const events = [
    { t: 1, lane: 'short', kind: 'rate', answered: 100, at: 100 },
    { t: 2, lane: 'long', kind: 'came', at: 150 },
    { t: 3, lane: 'short', kind: 'rate', answered: 1, at: 200 },
    { t: 4, lane: 'long', kind: 'left', at: 250 },
  ]
  const [curve] = lab.pictures(madeUpEvidence(lab, { loop: { ...kept(1000, 1), events } }))
  expect(curve).toMatchObject({
    kind: 'curve',
    series: [
      {
        name: 'event loop',
        points: [
          { x: 100, y: 100 },
          { x: 200, y: 1 },
        ],
      },
    ],
    marks: [
      { x: 150, label: 'a long one comes' },
      { x: 250, label: 'it leaves' },
    ],
  })
})

function kept(aloneRatePerS: number, percent: number, longAnswered = 5): MadeUpCase {
  return {
    figures: {
      aloneRatePerS: [aloneRatePerS],
      besideRatePerS: [(aloneRatePerS * percent) / 100],
      keptPercent: [percent],
      longAnswered: [longAnswered],
    },
  }
}
