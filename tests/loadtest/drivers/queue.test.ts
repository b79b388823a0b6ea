import { expect, test } from 'vitest'
import { Queue } from '../../../loadtest/drivers/queue.ts'

test('gives back what it was given, in order, also after thousands of items', () => {
  const queue = new Queue<number>()
  const taken: number[] = []
  for (let i = 0; i < 10_000; i++) {
    queue.push(i)
    if (i % 3 !== 0) taken.push(queue.shift() ?? -1)
  }
  expect(queue.length).toBe(10_000 - taken.length)
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) taken.push(item)
  expect(taken).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  expect(queue.length).toBe(0)
})

test('an empty queue gives nothing', () => {
  const queue = new Queue<string>()
  expect(queue.shift()).toBeUndefined()
  queue.push('a')
  queue.clear()
  expect(queue.length).toBe(0)
  expect(queue.shift()).toBeUndefined()
})
