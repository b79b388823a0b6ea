import { expect, test } from 'vitest'
import { Player } from '../../../analysis/timeline/player.ts'
import { Timeline } from '../../../analysis/timeline/state.ts'
import type { TimelineItem } from '../../../core/timeline.ts'
import { beat, loadFigures, worker } from '../../timeline-items.ts'

const RUN = { kind: 'run', experiment: 'compare', id: 'a', expectedS: null, steps: null } as const

function runOf(seconds: number): TimelineItem[] {
  const one = worker(1, 101)
  return [
    { ...RUN, atMs: 0 },
    { kind: 'units', atMs: 1, launch: 'cluster', units: [one] },
    ...Array.from({ length: seconds }, (_, second): TimelineItem[] => [
      { kind: 'load', atMs: second * 1000 + 500, second: loadFigures(second) },
      { kind: 'beats', atMs: second * 1000 + 900, kept: true, beats: { [one.key]: beat(second) } },
    ]).flat(),
    { kind: 'end', atMs: seconds * 1000, text: 'The run is over.', failed: false },
  ]
}

function plain(timeline: Timeline): unknown {
  return JSON.parse(JSON.stringify([timeline, timeline.lanes]))
}

test.each([10, 250, 4000, 60_000])('in steps of %i ms a run comes to the same pictures as at once', (stepMs) => {
  const items = runOf(60)
  const player = new Player()
  player.add(items)
  for (let atMs = 0; atMs < 62_000; atMs += stepMs) {
    const direct = new Timeline()
    for (const item of items) if (item.atMs <= atMs) direct.apply(item)
    direct.passUntil(Math.min(atMs, 60_000))
    expect(plain(player.at(atMs))).toEqual(plain(direct))
  }
  expect(plain(player.at(Infinity))).toEqual(plain(player.newest))
})

test('going back shows the run as it was, and forth again as it was later', () => {
  const player = new Player()
  player.add(runOf(10))
  const late = plain(player.at(8000))
  expect(player.at(3000).columns).toHaveLength(3)
  expect(plain(player.at(8000))).toEqual(late)
})

test('at a moment its clock shows that moment, whatever happened last, and at most the end', () => {
  const player = new Player()
  player.add(runOf(10))
  expect([3999, 4000, 4400, 99_000].map((atMs) => player.at(atMs).nowMs)).toEqual([3999, 4000, 4400, 10_000])
})

test('beats that are not kept move the newest picture and are not looked back at', () => {
  const one = worker(1, 101)
  const player = new Player()
  player.add([
    { ...RUN, atMs: 0 },
    { kind: 'units', atMs: 1, launch: 'cluster', units: [one] },
    { kind: 'beats', atMs: 2, kept: false, beats: { [one.key]: beat(5) } },
  ])
  expect([player.newest.lanes[0]?.turns, player.at(10).lanes[0]?.turns]).toEqual([1, 0])
})

test('the time between a stop and the going on is not played', () => {
  const player = new Player()
  player.add(runOf(10))
  player.add(runOf(10).map((item) => ({ ...item, atMs: item.atMs + 86_400_000 })))
  expect(player.newest).toMatchObject({ startedAtMs: 0, nowMs: 21_000 })
  expect(player.add([{ kind: 'mark', atMs: 86_411_000, level: 'info', text: 'a' }])).toMatchObject([{ atMs: 22_000 }])
  expect(player.newest.columns).toHaveLength(20)
  expect(player.at(10_500).end).not.toBeNull()
  expect(player.at(11_600)).toMatchObject({ end: null })
})

test('time passes while nothing happens, until the run is over', () => {
  const player = new Player()
  player.add([{ kind: 'run', atMs: 1000, experiment: 'compare', id: 'a', expectedS: null, steps: 1 }])
  player.passUntil(31_000)
  expect(player.newest.nowMs).toBe(31_000)
  player.add([{ kind: 'end', atMs: 32_000, text: 'The run is over.', failed: false }])
  player.passUntil(90_000)
  expect(player.newest.nowMs).toBe(32_000)
})
