import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SliceQueue } from '../../server/slice-queue.ts'

/** Every step of work takes a millisecond, so that a slice of 5 ms holds five steps. */
let nowMs = 0

beforeEach(() => {
  nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})

afterEach(() => {
  vi.restoreAllMocks()
})

function* work(name: string, steps: number, log: string[]): Generator<void, string> {
  for (let step = 1; step <= steps; step++) {
    nowMs += 1
    log.push(`${name}${step}`)
    if (step < steps) yield
  }
  return name
}

const never = new AbortController().signal

test('tasks get slices of five milliseconds in turn, and the event loop turns after each', async () => {
  const queue = new SliceQueue()
  const log: string[] = []
  const turn = (left: number): void => {
    log.push('|')
    if (left > 1) setImmediate(turn, left - 1)
  }
  const long = queue.run(work('a', 12, log), never)
  const short = queue.run(work('b', 2, log), never)
  setImmediate(turn, 4)
  expect(await Promise.all([long, short])).toEqual(['a', 'b'])
  expect(log.join(' ')).toBe('a1 a2 a3 a4 a5 | b1 b2 | a6 a7 a8 a9 a10 | a11 a12')
})

test('work that is given up gets no further slice', async () => {
  const queue = new SliceQueue()
  const log: string[] = []
  const given = new AbortController()
  const running = queue.run(work('a', 100, log), given.signal)
  setImmediate(() => given.abort(new Error('gone')))
  await expect(running).rejects.toThrow('gone')
  expect(log).toHaveLength(5)
  expect(queue.figures()).toMatchObject({ inUse: 0, queueLength: 0 })
})

test('an error in the work rejects that task alone', async () => {
  const queue = new SliceQueue()
  const failing = queue.run(
    (function* (): Generator<void, never> {
      yield
      throw new RangeError('too far')
    })(),
    never,
  )
  const other = queue.run(work('b', 1, []), never)
  await expect(failing).rejects.toThrow(RangeError)
  expect(await other).toBe('b')
  expect(queue.figures().tasksTotal).toBe(2)
})

test('closing ends all work, that which comes later too', async () => {
  const queue = new SliceQueue()
  const log: string[] = []
  const running = queue.run(work('a', 100, log), never)
  queue.close()
  await expect(running).rejects.toThrow('closing')
  await expect(queue.run(work('b', 1, log), never)).rejects.toThrow('closing')
  expect(log).toEqual([])
})
