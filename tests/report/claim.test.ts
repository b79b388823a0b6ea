import { expect, test } from 'vitest'
import type { AssertionOutcome } from '../../report/assertion-outcome.ts'
import { claimText, judgeClaim } from '../../report/claim.ts'

function outcomes(...all: AssertionOutcome['outcome'][]): readonly AssertionOutcome[] {
  return all.map((outcome, index) => ({
    text: `a/io p9${index} < 1x b`,
    model: 'a',
    workload: 'io',
    metric: 'p99',
    outcome,
    because: `Measured ${index}.`,
  }))
}

const CLAIM = { claim: 'A is faster than B.', source: 'A book.' }

test.each([
  [['passed'], 'confirmed'],
  [['passed', 'passed'], 'confirmed'],
  [['passed', 'failed', 'undecided'], 'refuted'],
  [['passed', 'undecided'], 'undecided'],
  [[], 'undecided'],
] as const)('%j: %s', (found, outcome) => {
  expect(judgeClaim(CLAIM, outcomes(...found))).toEqual({ ...CLAIM, outcome })
})

test('the text says what decides, and who claims it', () => {
  const found = outcomes('passed', 'failed')
  expect(claimText(judgeClaim(CLAIM, found), found, (_, text) => text)).toBe(
    'Refuted here: A is faster than B.\nA book.\n  a/io p91 < 1x b: Measured 1.',
  )
  const none = judgeClaim({ claim: 'A is faster.' }, [])
  expect(claimText(none, [], (_, text) => text)).toBe(
    'Undecided here: A is faster.\n  Nothing that it rests on was measured.',
  )
})
