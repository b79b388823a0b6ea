import { expect, test } from 'vitest'
import { countTasks, heldTask } from '../../../experiments/resilience/task-ledger.ts'

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

test('the task in hand of a process that was killed is the one that it began and did not finish', () => {
  const journal = ['started a 7', 'done a 7', 'started b 7', 'started c 8', 'started b 9', 'done b 9', ''].join('\n')
  expect(heldTask(journal, 7)).toEqual({ begun: 2, done: true })
  expect(heldTask(journal, 8)).toEqual({ begun: 1, done: false })
  expect(heldTask(journal, 9)).toBeNull()
  expect(countTasks(journal)).toEqual({ accepted: 3, done: 2, repeated: 1, lost: 1, waiting: 0 })
})

test('an empty journal counts nothing', () => {
  expect(countTasks('')).toEqual({ accepted: 0, done: 0, repeated: 0, lost: 0, waiting: 0 })
})
