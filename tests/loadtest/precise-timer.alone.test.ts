import { expect, test } from 'vitest'
import { PreciseTimer } from '../../loadtest/precise-timer.ts'

test('calls come in order, never early, and the loop sleeps between distant ones', async () => {
  const timer = new PreciseTimer()
  const startMs = performance.now()
  const offsets = [40, 3, 3.2, 0, -5, 120, 3.1]
  const calls: { offset: number; atMs: number }[] = []
  const before = process.cpuUsage()
  await new Promise<void>((resolve) => {
    for (const offset of offsets) {
      timer.at(startMs + offset, () => {
        calls.push({ offset, atMs: performance.now() - startMs })
        if (calls.length === offsets.length) resolve()
      })
    }
  })
  const { user, system } = process.cpuUsage(before)
  const tookMs = performance.now() - startMs
  await timer.close()
  expect(calls.map(({ offset }) => offset)).toEqual(offsets.toSorted((a, b) => a - b))
  for (const { offset, atMs } of calls) expect(atMs).toBeGreaterThanOrEqual(offset)
  expect((user + system) / 1000).toBeLessThan(tookMs * 0.8)
})

test('a call may set the next one, and an earlier call may be set while a later one is awaited', async () => {
  const timer = new PreciseTimer()
  const seen: string[] = []
  /** Sets both calls, and says whether the earlier one was set before the later one was due. */
  const setBoth = (): Promise<boolean> =>
    new Promise((resolve) => {
      const startMs = performance.now()
      let isInTime = false
      const note = (call: string): void => {
        seen.push(call)
        if (seen.length === 3) resolve(isInTime)
      }
      timer.at(startMs + 60, () => {
        note('late')
        timer.at(startMs + 60, () => note('at once'))
      })
      setTimeout(() => {
        isInTime = performance.now() < startMs + 60
        timer.at(startMs + 30, () => note('early'))
      }, 5)
    })
  while (!(await setBoth())) seen.length = 0
  await timer.close()
  expect(seen).toEqual(['early', 'late', 'at once'])
})

test('closing ends it with calls outstanding', async () => {
  const timer = new PreciseTimer()
  let called = false
  timer.at(performance.now() + 20, () => {
    called = true
  })
  await timer.close()
  await new Promise((resolve) => setTimeout(resolve, 40))
  expect(called).toBe(false)
})
