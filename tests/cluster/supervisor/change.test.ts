import { expect, test } from 'vitest'
import { CHANGE_MESSAGE, readChange } from '../../../cluster/supervisor/change.ts'

test('a change of settings and of the environment', () => {
  const change = {
    supervisor: { workers: 3, maxRequests: null },
    environment: { FORKWISE_EXECUTOR: 'inline', X: null },
  }
  expect(readChange({ type: CHANGE_MESSAGE, ...change })).toEqual(change)
})

test.each([
  ['another message', 'shutdown'],
  ['another type', { type: 'shutdown', supervisor: { workers: 3 } }],
  ['a setting that does not exist', { type: CHANGE_MESSAGE, supervisor: { wrokers: 3 } }],
  ['a value out of bounds', { type: CHANGE_MESSAGE, supervisor: { workers: 0 } }],
  ['a part of a worker', { type: CHANGE_MESSAGE, supervisor: { workers: 1.5 } }],
  ['no value', { type: CHANGE_MESSAGE, supervisor: { workers: null } }],
])('%s is no change', (_, message) => {
  expect(readChange(message)).toBeNull()
})
