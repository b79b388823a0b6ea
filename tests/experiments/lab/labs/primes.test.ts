import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/primes.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const AS_THE_TEXT_SAYS: Record<string, MadeUpCase> = {
  sequence: took(1000),
  'promise-all': took(1010),
  threads: took(560),
  processes: took(600),
  'python-sequence': took(1000),
  'python-threads': withCores(1040, 1),
  'python-processes': took(540),
}

test('as the text says', () => {
  expect(outcomesOf(lab, AS_THE_TEXT_SAYS)).toEqual({
    'promise-all-gains-nothing': 'confirmed',
    'threads-gain': 'confirmed',
    'processes-gain': 'confirmed',
    'python-threads-gain-nothing': 'confirmed',
    'python-processes-gain': 'confirmed',
  })
})

test.each<[string, Record<string, MadeUpCase>, string, string]>([
  ['a Promise.all that is parallel', { 'promise-all': took(500) }, 'promise-all-gains-nothing', 'does not hold here'],
  ['threads that are slower', { threads: took(1500) }, 'threads-gain', 'does not hold here'],
  ['threads that vary', { threads: { figures: { tookMs: [500, 1500, 900] } } }, 'threads-gain', 'undecided'],
  [
    'threads of Python without the lock',
    { 'python-threads': withCores(500, 1.95) },
    'python-threads-gain-nothing',
    'does not hold here',
  ],
])('%s', (_, changed, claim, outcome) => {
  expect(outcomesOf(lab, { ...AS_THE_TEXT_SAYS, ...changed })[claim]).toBe(outcome)
})

test('a machine that is slower while the numbers are tested one after the other does not make threads of Python gain', () => {
  const slower = { 'python-sequence': took(1500), 'python-threads': withCores(1000, 1.01) }
  expect(outcomesOf(lab, { ...AS_THE_TEXT_SAYS, ...slower })['python-threads-gain-nothing']).toBe('confirmed')
})

test('what happened is given as a number for each question', () => {
  expect(lab.outcomes(madeUpEvidence(lab, AS_THE_TEXT_SAYS))).toEqual({
    'promise-all': 0.99,
    threads: 1.79,
    processes: 1.67,
    'python-threads': 0.96,
  })
})

function took(ms: number): MadeUpCase {
  return { figures: { tookMs: [ms, ms * 1.01, ms * 0.99] } }
}

function withCores(ms: number, cores: number): MadeUpCase {
  return { figures: { ...took(ms).figures, cores: [cores, cores * 1.01, cores * 0.99] } }
}
