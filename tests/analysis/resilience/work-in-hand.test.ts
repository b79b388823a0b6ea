import { expect, test } from 'vitest'
import { explainWorkInHand, workInHand, workInHandText } from '../../../analysis/resilience/work-in-hand.ts'
import type { InjectionFacts } from '../../../core/resilience-record.ts'

const tasks = { accepted: 9, done: 8, repeated: 0, lost: 1, waiting: 0 }
const cut = { status: null, error: 'ECONNRESET' }
const answered = { status: 200, error: null }

test.each<[string, InjectionFacts, string | null, string]>([
  ['a run that did not ask', { computing: true }, null, ''],
  ['cut off', { computing: true, longRequest: cut }, 'cut off', 'cut off (ECONNRESET)'],
  // A process that is the whole server holds it, whether it was seen computing or not.
  ['cut off, not seen computing', { computing: false, longRequest: cut }, 'cut off', 'cut off (ECONNRESET)'],
  ['a proxy’s 502', { computing: true, longRequest: { status: 502, error: null } }, 'failed', 'failed with 502'],
  ['a hang', { computing: true, longRequest: { status: null, error: null } }, 'never answered', 'never answered'],
  ['elsewhere', { computing: true, longRequest: answered }, 'answered', 'answered by a worker that lived on'],
  ['nobody computed', { computing: false, longRequest: answered }, 'unknown', 'cannot be told'],
  ['no task in hand', { computing: false, longRequest: answered, tasks }, 'unknown', 'cannot be told'],
  [
    'a lost task whose client waited',
    { computing: true, longRequest: { status: 500, error: null }, tasks, heldTask: { begun: 1, done: false } },
    'lost',
    'lost, its client got 500',
  ],
  [
    'a lost task with a job',
    { longRequest: { status: 202, error: null, jobStatus: 500 }, tasks, heldTask: { begun: 1, done: false } },
    'lost',
    'lost, its job answers 500',
  ],
  [
    'a lost task while the long one was done elsewhere',
    { longRequest: { status: 202, error: null, jobStatus: 200 }, tasks, heldTask: { begun: 1, done: false } },
    'lost',
    'lost',
  ],
  [
    'a task that was run twice',
    { longRequest: answered, tasks, heldTask: { begun: 2, done: true } },
    'run again',
    'run again and done, its client got 200',
  ],
  [
    'a task that was begun twice',
    { longRequest: { status: 202, error: null, jobStatus: 202 }, tasks, heldTask: { begun: 2, done: false } },
    'begun again',
    'begun again, not done, its job answers 202',
  ],
])('%s', (_, facts, outcome, text) => {
  expect(workInHand(facts)).toBe(outcome)
  expect(workInHandText(facts)).toBe(text)
})

test('what nobody saw is said to be unknown, and every outcome of a request has its sentence', () => {
  const sentences = (facts: InjectionFacts): string => explainWorkInHand([facts]).join(' ')
  expect(sentences({ computing: false, longRequest: answered })).toContain('cannot be told')
  expect(sentences({ computing: true, longRequest: cut })).toContain('learns that at once')
  expect(sentences({ computing: true, longRequest: { status: null, error: null } })).toContain('until it gives up')
  expect(sentences({ computing: true, longRequest: answered })).toBe('')
})
