import { expect, test } from 'vitest'
import { Recorder } from '../../../loadtest/drivers/recorder.ts'

function recorderOf(...routes: readonly string[]): Recorder {
  const requests = routes.map((route) => ({ route, method: 'GET', path: route, expectStatus: 200, weight: 1 }) as const)
  return new Recorder(requests, 5, 'open')
}

function answer(recorder: Recorder, index: number, latencyUs: number): void {
  recorder.countEnding(index, { kind: 'answer', status: 200, latencyUs, serviceUs: latencyUs })
}

test('the latencies of each of several routes are counted since the load began, and add up to those of all', () => {
  const recorder = recorderOf('/a', '/b')
  answer(recorder, 0, 1800)
  answer(recorder, 1, 30_000)
  recorder.closeSecond('counting')
  answer(recorder, 1, 2_000)
  answer(recorder, 0, 20_000_000)
  const { totals } = recorder.closeSecond('counting')
  const { '/a': a = [], '/b': b = [] } = totals?.routes ?? {}
  expect(a.map((count, place) => count + (b[place] ?? 0))).toEqual(totals?.latencyCounts)
  expect([a, b].map((counts) => counts.reduce((sum, count) => sum + count, 0))).toEqual([2, 2])
})

test('one route has no counts beside those of all', () => {
  const recorder = recorderOf('/a')
  answer(recorder, 0, 1800)
  expect(recorder.closeSecond('counting').totals).not.toHaveProperty('routes')
})

test('the rest of a second in which the counted part ends has the rate of its own length, and nothing after it has one', () => {
  const recorder = recorderOf('/a')
  answer(recorder, 0, 1800)
  recorder.closeSecond('counting')
  for (let i = 0; i < 6; i++) answer(recorder, 0, 2000)
  expect(recorder.closeLastSecond(1.5, 9)).toMatchObject({
    phase: 'counting',
    elapsedS: 1.5,
    ratePerS: 12,
    totals: { ok: 7, uncounted: 2 },
  })

  const drained = recorderOf('/a')
  drained.closeSecond('counting')
  answer(drained, 0, 2000)
  expect(drained.closeLastSecond(1.001, 1)).toBeNull()
  expect(drained.part().seconds.map(({ ok }) => ok)).toEqual([0, 1])
  expect(recorderOf('/a').closeLastSecond(0.7, 0)).toBeNull()
})
