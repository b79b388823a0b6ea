import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { beat, sweepIntervalMs, until } from '../../../loadtest/drivers/rhythm.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('beats come at multiples of the interval and are numbered', async () => {
  const beats: [number, number][] = []
  const startMs = performance.now()
  const end = beat(startMs, 100, (intervals) => beats.push([intervals, performance.now() - startMs]))
  await vi.advanceTimersByTimeAsync(350)
  expect(beats).toEqual([
    [1, 100],
    [2, 200],
    [3, 300],
  ])
  end()
  await vi.advanceTimersByTimeAsync(500)
  expect(beats).toHaveLength(3)
})

test('a beat that takes long makes later ones neither late nor repeated', async () => {
  const beats: number[] = []
  const startMs = performance.now()
  const end = beat(startMs, 100, (intervals) => {
    beats.push(intervals)
    if (intervals === 1) vi.setSystemTime(Date.now() + 250)
  })
  await vi.advanceTimersByTimeAsync(600)
  end()
  expect(beats[0]).toBe(1)
  expect(new Set(beats).size).toBe(beats.length)
})

test('a beat may end itself', async () => {
  let beats = 0
  const end = beat(performance.now(), 100, () => {
    beats++
    end()
  })
  await vi.advanceTimersByTimeAsync(1000)
  expect(beats).toBe(1)
})

test('until: at the instant, at once when it is over, and early when aborted', async () => {
  const aborting = new AbortController()
  const done: string[] = []
  const wait = async (name: string, afterMs: number): Promise<void> => {
    await until(performance.now() + afterMs, aborting.signal)
    done.push(name)
  }
  const waits = [wait('later', 500), wait('over', -5), wait('soon', 50)]
  await vi.advanceTimersByTimeAsync(60)
  expect(done).toEqual(['over', 'soon'])
  aborting.abort()
  await Promise.all(waits)
  expect(done).toEqual(['over', 'soon', 'later'])
  await until(performance.now() + 1e6, aborting.signal)
})

test.each([
  [0.1, 10],
  [1, 20],
  [5, 100],
  [60, 100],
])('a timeout of %d s is checked every %d ms', (timeoutS, everyMs) => {
  expect(sweepIntervalMs(timeoutS)).toBe(everyMs)
})
