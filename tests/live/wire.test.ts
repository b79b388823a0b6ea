import {
  array,
  assert,
  boolean,
  constantFrom,
  double,
  integer,
  nat,
  option,
  property,
  record,
  uniqueArray,
} from 'fast-check'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import type { Beat, TimelineItem, UnitFigures } from '../../core/timeline.ts'
import { decodeItem, encodeItem, keysAfter, type UnitKeys, type WireItem, WireReader } from '../../live/wire.ts'
import { TimelineReader } from '../../store/timeline-file.ts'
import { recordedComparison } from '../recorded-timeline.ts'
import { beat, unitFigures, worker } from '../timeline-items.ts'

const UNITS = Array.from({ length: 9 }, (_, place) => worker(place, 30_000 + place))
const KEYS = UNITS.map(({ key }) => key)

function sent(item: TimelineItem, keys: UnitKeys): TimelineItem {
  return decodeItem(JSON.parse(encodeItem(item, keys)) as WireItem, keys)
}

/** What a viewer reads of items that are sent in messages of so many. */
function read(items: readonly TimelineItem[], size: number): TimelineItem[] {
  let keys: UnitKeys = []
  const texts = items.map((item) => {
    const text = encodeItem(item, keys)
    keys = keysAfter(item, keys)
    return text
  })
  const reader = new WireReader()
  return texts.flatMap((_, place) =>
    place % size === 0 ? reader.read(`[${texts.slice(place, place + size).join(',')}]`) : [],
  )
}

function of<T>(value: (place: number) => T): Record<string, T> {
  return Object.fromEntries(KEYS.map((key, place) => [key, value(place)]))
}

describe('whatever is heard of units is had back', () => {
  const finite = double({ noNaN: true, noDefaultInfinity: true, min: 0 }).filter((value) => !Object.is(value, -0))
  const anyS = option(finite.chain((s) => constantFrom(s, Math.floor((s % 1e6) * 1000) / 1000)))
  const anyBeat = record<Beat>({
    process: constantFrom('running', 'running', 'running', 'stopped', 'gone', 'unknown'),
    turnedAtS: anyS,
    ageS: anyS,
    draining: constantFrom(false, false, true),
  })
  const anyFigure = option(finite)
  const anyFigures = record<UnitFigures>({
    cpuCores: anyFigure,
    rssBytes: option(nat()),
    ratePerS: anyFigure,
    active: option(integer()),
    connections: option(integer()),
    utilization: anyFigure,
  })
  /** Units that are known, and some that nobody named. */
  const anyKeys = uniqueArray(constantFrom(...KEYS, 'stranger 1', 'stranger 2'))

  test('beats', () => {
    assert(
      property(anyKeys, array(anyBeat, { minLength: 11, maxLength: 11 }), boolean(), nat(), (keys, all, kept, atMs) => {
        const beats = Object.fromEntries(keys.map((key, place) => [key, all[place] ?? beat(1)]))
        const item: TimelineItem = { kind: 'beats', atMs, kept, beats }
        expect(sent(item, KEYS)).toEqual(item)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('figures', () => {
    assert(
      property(anyKeys, array(anyFigures, { minLength: 11, maxLength: 11 }), nat(), (keys, all, atMs) => {
        const units = Object.fromEntries(keys.map((key, place) => [key, all[place] ?? unitFigures()]))
        const item: TimelineItem = { kind: 'figures', atMs, units }
        expect(sent(item, KEYS)).toEqual(item)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

test.each([1, 2, 7, 1000])('a run with restarts and verdicts is read as it was, in messages of %i', (size) => {
  expect(read(recordedComparison(), size)).toEqual(recordedComparison())
})

test('a run that was recorded with figures in full is read to the last digit', () => {
  const items = new TimelineReader(join(PACKAGE_ROOT, 'docs/sample/resilience')).read().map(({ item }) => item)
  expect(items.some((item) => item.kind === 'beats')).toBe(true)
  expect(read(items, 50)).toEqual(items)
})

test('a unit whose place another has taken is still meant by its name', () => {
  const item: TimelineItem = { kind: 'beats', atMs: 1, kept: true, beats: { [worker(3, 7).key]: beat(2) } }
  expect(sent(item, KEYS)).toEqual(item)
  expect(read([{ kind: 'units', atMs: 0, launch: 'cluster', units: UNITS }, item], 9).at(-1)).toEqual(item)
})

test('a round of beats takes few bytes, and one of figures', () => {
  const beats = of((place) => beat((50_141_407 + 20 * place) / 1000))
  const item: TimelineItem = { kind: 'beats', atMs: 1_795_728_656_339, kept: false, beats }
  expect(encodeItem(item, KEYS).length).toBeLessThan(16 * KEYS.length)
  const units = of((place) => unitFigures({ cpuCores: 0.973, ratePerS: 131.672 + place, utilization: 0.141 }))
  const figures: TimelineItem = { kind: 'figures', atMs: 1_795_728_656_339, units }
  expect(encodeItem(figures, KEYS).length).toBeLessThan(45 * KEYS.length)
})
