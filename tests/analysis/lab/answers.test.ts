import { expect, test } from 'vitest'
import { labAnswers } from '../../../analysis/lab/answers.ts'

test.each([
  ['a choice that came true', { kind: 'choice' }, 'turns', 'turns', true],
  ['a choice that did not', { kind: 'choice' }, 'turns', 'freezes', false],
  ['a number within its factor', { kind: 'number', within: 1.5 }, 3, 2, true],
  ['a number beyond it', { kind: 'number', within: 1.5 }, 3.1, 2, false],
  ['a number too low by more than it', { kind: 'number', within: 1.5 }, 1.3, 2, false],
] as const)('%s', (_, ask, predicted, happened, right) => {
  const [answer] = labAnswers([{ id: 'q', label: 'Q', ...ask }], { q: predicted }, { q: happened })
  expect(answer?.right).toBe(right)
})

test('what was not predicted or not measured is neither right nor wrong', () => {
  const ask = { id: 'q', label: 'Q', kind: 'number', unit: 'ms' } as const
  expect(labAnswers([ask], {}, { q: 1 })).toEqual([
    { id: 'q', label: 'Q', unit: 'ms', predicted: null, happened: 1, right: null },
  ])
  expect(labAnswers([ask], { q: 1 }, {})[0]).toMatchObject({ predicted: 1, happened: null, right: null })
})
