import { expect, test } from 'vitest'
import { groupBy } from '../../core/group.ts'

test('values are grouped in the order in which they come', () => {
  expect([...groupBy([3, 1, 4, 1, 5], (value) => value % 2)]).toEqual([
    [1, [3, 1, 1, 5]],
    [0, [4]],
  ])
  expect(groupBy([], String).size).toBe(0)
})
