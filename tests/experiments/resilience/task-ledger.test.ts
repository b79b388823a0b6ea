import { expect, test } from 'vitest'
import { countTasks } from '../../../experiments/resilience/task-ledger.ts'

test('each task is counted once, by what became of it', () => {
  const journal = [
    'accepted a',
    'started a',
    'done a',
    'accepted b',
    'started b',
    'started b',
    'done b',
    'started c',
    'accepted c',
    'accepted d',
    '',
  ].join('\n')
  expect(countTasks(journal)).toEqual({ accepted: 4, done: 2, repeated: 1, lost: 1, waiting: 1 })
})

test('a task that was begun counts as accepted before that is noted', () => {
  expect(countTasks('started a\n')).toEqual({ accepted: 1, done: 0, repeated: 0, lost: 1, waiting: 0 })
})

test('an empty journal counts nothing', () => {
  expect(countTasks('')).toEqual({ accepted: 0, done: 0, repeated: 0, lost: 0, waiting: 0 })
})
