import { describe, expect, test } from 'vitest'
import { currentSecond, shownSecond } from '../../analysis/timeline/current-figures.ts'
import { Timeline } from '../../analysis/timeline/state.ts'
import type { LoadSecondFigures, TimelineItem } from '../../core/timeline.ts'
import { loadMomentText, loadTexts } from '../../report/timeline-texts.ts'
import { beat, loadFigures, unitFigures, worker } from '../timeline-items.ts'

function timelineOf(...items: readonly TimelineItem[]): Timeline {
  const timeline = new Timeline()
  for (const item of items) timeline.apply(item)
  return timeline
}

function load(second: number, more: Partial<LoadSecondFigures> = {}): TimelineItem {
  return { kind: 'load', atMs: second * 1000, second: loadFigures(second, more) }
}

function momentOf(timeline: Timeline): string {
  const shown = shownSecond(timeline)
  return shown === null ? '' : loadMomentText(shown, timeline, 0)
}

describe('the second whose figures are shown', () => {
  test('while a load runs it is the newest, and said to be of the warm-up where it is', () => {
    expect(momentOf(timelineOf(load(1, { phase: 'warmup' })))).toBe('the second until 0:01, warm-up')
    expect(momentOf(timelineOf(load(1), load(2)))).toBe('the second until 0:02, counted')
    expect(shownSecond(new Timeline())).toBeNull()
  })

  test('in the drain, after a slice that ended within a second, and at the end it is the last whole one', () => {
    const drained = [load(1), load(2), load(3, { phase: 'draining', ratePerS: 0 })]
    expect(momentOf(timelineOf(...drained))).toBe('the last whole second, until 0:02; no load now')
    const over: TimelineItem = { kind: 'end', atMs: 3100, text: 'The run is over.', failed: false }
    const partial: TimelineItem = { kind: 'load', atMs: 2450, second: loadFigures(2.45, { ratePerS: 3 }) }
    const shown = timelineOf(load(1), load(2), partial, over)
    expect(momentOf(shown)).toBe('the last whole second, until 0:02; the run is over')
    expect(shownSecond(shown)).toMatchObject({ isCurrent: false, second: { elapsedS: 2, ratePerS: 100 } })
  })

  test('once nothing is loaded any more, the newest does not stand for the moment', () => {
    const timeline = timelineOf(load(1), load(2))
    timeline.passUntil(4000)
    expect(shownSecond(timeline)?.isCurrent).toBe(true)
    timeline.passUntil(5000)
    expect(momentOf(timeline)).toBe('the last whole second, until 0:02; no load now')
  })

  test('where no second was counted it is the newest', () => {
    expect(momentOf(timelineOf(load(2, { phase: 'draining' })))).toBe(
      'the last second, until 0:02, waiting for the last answers; no load now',
    )
  })

  test('a slice shorter than a second is not called a whole one', () => {
    const slice: TimelineItem = { kind: 'load', atMs: 450, second: loadFigures(0.45) }
    expect(momentOf(timelineOf(slice))).toBe('the 0.45 s until 0:00, counted')
    const drained = timelineOf(slice, load(1, { phase: 'draining', ratePerS: 0 }))
    expect(momentOf(drained)).toBe('the last 0.45 s, until 0:00; no load now')
  })

  test('it is one of the launch of the title, or none', () => {
    const units = (atMs: number, launch: string, pid: number | null): TimelineItem => ({
      kind: 'units',
      atMs,
      launch,
      units: pid === null ? [] : [worker(1, pid)],
    })
    const pilot = [units(0, 'pilot', 1), load(1), units(5000, 'pilot', null)]
    expect(momentOf(timelineOf(...pilot))).toBe('the last whole second, until 0:01; no load now')
    expect(shownSecond(timelineOf(...pilot, { kind: 'step', atMs: 5100, label: 'block 1' }))).toBeNull()
    const short: TimelineItem = { kind: 'load', atMs: 6450, second: loadFigures(0.45, { ratePerS: 7 }) }
    const shown = timelineOf(...pilot, units(6000, 'pilot', 2), short, units(9000, 'pilot', null))
    expect(momentOf(shown)).toBe('the last 0.45 s, until 0:06; no load now')
    expect(shownSecond(shown)?.second.ratePerS).toBe(7)
  })
})

test('without a second there is no figure', () => {
  expect(loadTexts(null).map(([, text]) => text)).not.toContain('as fast as answered')
})

describe('the figures of a unit', () => {
  const one = worker(1, 7)
  const begun: TimelineItem = { kind: 'units', atMs: 0, launch: 'cluster', units: [one] }
  const figures: TimelineItem = { kind: 'figures', atMs: 1000, units: { [one.key]: unitFigures({ ratePerS: 42 }) } }
  const beats = (atMs: number, process: 'running' | 'stopped'): TimelineItem => ({
    kind: 'beats',
    atMs,
    kept: true,
    beats: { [one.key]: process === 'running' ? beat(atMs / 1000) : beat(0, { process, turnedAtS: null, ageS: null }) },
  })
  const rate = (timeline: Timeline): number | null | undefined => {
    const [lane] = timeline.lanes
    return lane === undefined ? undefined : currentSecond(lane, timeline.nowMs)?.ratePerS
  }

  test('are those of the second that just ended', () => {
    expect(rate(timelineOf(begun, figures, beats(1500, 'running')))).toBe(42)
    expect(rate(timelineOf(begun, figures, beats(3600, 'running')))).toBeUndefined()
  })

  test('are none once it is stopped, or its process has ended', () => {
    expect(rate(timelineOf(begun, figures, beats(1100, 'stopped')))).toBeUndefined()
    expect(rate(timelineOf(begun, figures, { ...begun, atMs: 1100, units: [] }))).toBeUndefined()
  })
})
