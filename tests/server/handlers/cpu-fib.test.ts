import { expect, test } from 'vitest'
import { handler } from '../../../server/handlers/cpu-fib.ts'
import { isSliced, runToEnd } from '../../../server/slices.ts'
import { idleContext } from '../idle-context.ts'

test('the first numbers, across the step where the recursion is cut, are Fibonacci’s', () => {
  for (let n = 0, fib = 0, next = 1; n <= 29; n++, [fib, next] = [next, fib + next]) {
    expect(runToEnd(handler.run({ n }, idleContext()))).toEqual({ n, fib })
  }
})

test('the work comes in slices that are short beside the whole', () => {
  const work = handler.run({ n: 29 }, idleContext())
  if (!isSliced(work)) throw new Error('Expected a generator.')
  let slices = 1
  while (work.next().done !== true) slices++
  expect(slices).toBe(34)
})
