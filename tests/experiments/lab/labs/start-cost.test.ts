import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/start-cost.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

test('orders of magnitude confirm it', () => {
  const told = { process: costing(40_000, 2e7), thread: costing(20_000, 5e6), promise: costing(0.2, 300) }
  expect(new Set(Object.values(outcomesOf(lab, told)))).toEqual(new Set(['confirmed']))
  expect(lab.outcomes(madeUpEvidence(lab, told))['calls']).toBeCloseTo(100_000, -4)
})

test('threads as light as promises refute it', () => {
  const light = costing(1, 300)
  const told = { process: light, thread: light, promise: light, 'python-thread': light, 'python-generator': light }
  expect(new Set(Object.values(outcomesOf(lab, told)))).toEqual(new Set(['does not hold here']))
})

test('what was not measured is undecided', () => {
  expect(new Set(Object.values(outcomesOf(lab, {})))).toEqual(new Set(['undecided']))
})

function costing(us: number, bytes: number): MadeUpCase {
  return { figures: { us: [us, us * 1.1, us * 0.9], bytes: [bytes, bytes, bytes * 1.01] } }
}
