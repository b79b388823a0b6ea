import { expect, test } from 'vitest'
import type { LabTrial } from '../../../core/lab-record.ts'
import { countedTrials, seenOnce, undecidedBy } from '../../../experiments/lab/standing-claims.ts'

const CASES = [{ id: 'threads', name: 'threads', language: 'node' }] as const
const BUSY = 'other programs used 40 % of each core (limit 10 %) during threads, repetition 1'

test('a repetition that was measured again counts as it was the last time', () => {
  const counted = countedTrials(CASES, [trial(1, 90, true), trial(2, 50), trial(1, 51)])
  expect(counted.trials.map(({ figures }) => figures['ms'])).toEqual([51, 50])
  expect(counted.reasons).toEqual([])
})

test('a disturbed repetition does not count where most of its case were left alone', () => {
  const counted = countedTrials(CASES, [trial(1, 90, true), trial(2, 50), trial(3, 51)])
  expect(counted.trials.map(({ repeat }) => repeat)).toEqual([2, 3])
  expect(counted.reasons).toEqual([])
})

test('where too few were left alone all count, and the reason is kept', () => {
  const counted = countedTrials(CASES, [trial(1, 90, true), trial(2, 95, true), trial(3, 51)])
  expect(counted.trials).toHaveLength(3)
  expect(counted.reasons).toEqual([BUSY, BUSY])
  expect(countedTrials(CASES, [trial(1, 90, true)]).reasons).toEqual([BUSY])
})

test('claims on disturbed repetitions decide nothing, whatever they found, and say why', () => {
  const claims = [
    { id: 'a', outcome: 'confirmed', sentence: 'Threads took 1.9× as long.' },
    { id: 'b', outcome: 'does not hold here', sentence: 'So did processes.' },
  ] as const
  expect(undecidedBy(claims, [])).toEqual(claims)
  expect(undecidedBy(claims, [BUSY], ['a', 'b'])).toEqual(claims)
  expect(undecidedBy(claims, [BUSY])).toEqual([
    { id: 'a', outcome: 'undecided', sentence: `Threads took 1.9× as long. It decides nothing, since ${BUSY}.` },
    { id: 'b', outcome: 'undecided', sentence: `So did processes. It decides nothing, since ${BUSY}.` },
  ])
})

test('what was decided from one run of each case says so', () => {
  const claims = [
    { id: 'a', outcome: 'confirmed', sentence: 'The pool hangs.' },
    { id: 'b', outcome: 'undecided', sentence: 'It was not measured.' },
  ] as const
  expect(seenOnce(claims, [trial(1, 50), trial(2, 50)])).toEqual(claims)
  expect(seenOnce(claims, [trial(1, 50)]).map(({ sentence }) => sentence)).toEqual([
    'The pool hangs. Each case was run once.',
    'It was not measured.',
  ])
})

function trial(repeat: number, ms: number, isDisturbed = false): LabTrial {
  return {
    schema: 'forkwise/lab-trial@1',
    case: 'threads',
    repeat,
    figures: { ms },
    words: {},
    events: [],
    failure: null,
    ...(isDisturbed && { disturbed: [BUSY] }),
  }
}
