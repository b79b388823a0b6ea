import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Places } from '../../server/dependency-places.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function serveAll(places: Places, calls: readonly { readonly name: string; readonly leftAtMs?: number }[]): string[] {
  const startMs = performance.now()
  const done: string[] = []
  for (const { name, leftAtMs = Infinity } of calls) {
    places.serve(
      100,
      () => performance.now() - startMs < leftAtMs,
      () => done.push(`${name} ${Math.round(performance.now() - startMs)}`),
    )
  }
  return done
}

test('without a limit every call is served at once', async () => {
  const done = serveAll(new Places(), [{ name: 'a' }, { name: 'b' }, { name: 'c' }])
  await vi.advanceTimersByTimeAsync(100)
  expect(done).toEqual(['a 100', 'b 100', 'c 100'])
})

test('calls beyond the places wait in their order, and those that nobody waits for are dropped', async () => {
  const places = new Places()
  places.resize(2)
  const done = serveAll(places, [{ name: 'a' }, { name: 'b' }, { name: 'left', leftAtMs: 50 }, { name: 'c' }])
  await vi.advanceTimersByTimeAsync(1000)
  expect(done).toEqual(['a 100', 'b 100', 'c 200'])
})

test('what would wait behind too many is refused', () => {
  const places = new Places()
  places.resize(1)
  const served = Array.from({ length: 700 }, () =>
    places.serve(
      100,
      () => true,
      () => undefined,
    ),
  )
  expect(served.filter(Boolean)).toHaveLength(601)
})

test('nothing ends in a stall', async () => {
  const places = new Places()
  places.resize(1)
  const done = serveAll(places, [{ name: 'a' }, { name: 'b' }])
  places.stall(500)
  await vi.advanceTimersByTimeAsync(1000)
  expect(done).toEqual(['a 500', 'b 600'])
})
