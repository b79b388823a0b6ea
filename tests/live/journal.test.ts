import { expect, test } from 'vitest'
import { LiveJournal } from '../../live/journal.ts'
import type { TimelineItem } from '../../core/timeline.ts'
import { WireReader } from '../../live/wire.ts'
import { beat, loadFigures, unitFigures, worker } from '../timeline-items.ts'

function load(second: number): TimelineItem {
  return { kind: 'load', atMs: second * 1000, second: loadFigures(second) }
}

function numbersFrom(journal: LiveJournal, number: number, characters: number = 1e6): number[] {
  return journal.from(number, characters).map((entry) => entry.number)
}

test('items are numbered from 1 and read from any of them', () => {
  const journal = new LiveJournal()
  expect([journal.first, journal.last, journal.size]).toEqual([1, 0, 0])
  for (let s = 1; s <= 5; s++) journal.push(load(s))
  expect(numbersFrom(journal, 1)).toEqual([1, 2, 3, 4, 5])
  expect(numbersFrom(journal, 4)).toEqual([4, 5])
  expect(numbersFrom(journal, 6)).toEqual([])
  expect(JSON.parse(journal.from(2, 1)[0]?.text ?? '')).toEqual(load(2))
})

test('a message holds at most a number of characters, but one item at least', () => {
  const journal = new LiveJournal()
  for (let s = 1; s <= 5; s++) journal.push(load(s))
  const length = JSON.stringify(load(1)).length
  expect(numbersFrom(journal, 1, 2 * length)).toEqual([1, 2])
  expect(numbersFrom(journal, 1, 1)).toEqual([1])
})

test('what is dropped leaves how things stood', () => {
  const journal = new LiveJournal({ items: 10, characters: 1e6 })
  journal.push({ kind: 'run', atMs: 0, experiment: 'serve', id: 'r', expectedS: null, steps: null })
  journal.push({ kind: 'units', atMs: 1, launch: 'single', units: [worker(1, 7)] })
  journal.push({ kind: 'mark', atMs: 1, level: 'info', text: 'long ago' })
  for (let s = 1; s <= 3000; s++) journal.push(load(s))
  expect([journal.size, journal.first, journal.last]).toEqual([10, 2994, 3003])
  expect(numbersFrom(journal, 1)).toEqual([2994, 2995, 2996, 2997, 2998, 2999, 3000, 3001, 3002, 3003])
  expect(journal.standing().map((text) => (JSON.parse(text) as TimelineItem).kind)).toEqual(['run', 'units'])
})

test('text is bounded too', () => {
  const length = JSON.stringify(load(1)).length
  const journal = new LiveJournal({ items: 1000, characters: 3 * length })
  for (let s = 1; s <= 9; s++) journal.push(load(s))
  expect(journal.size).toBe(3)
})

test('only beats that are to be kept are kept', () => {
  const journal = new LiveJournal()
  const beats = { [worker(1, 7).key]: beat(1) }
  journal.push({ kind: 'beats', atMs: 1, kept: false, beats })
  expect([journal.size, journal.beats === null]).toEqual([0, false])
  journal.push({ kind: 'beats', atMs: 2, kept: true, beats })
  expect(journal.size).toBe(1)
})

test('who starts anew after the units were dropped is told of them first, and understands the rest', () => {
  const journal = new LiveJournal({ items: 10, characters: 1e6 })
  const [one, two] = [worker(1, 7), worker(2, 8)]
  journal.push({ kind: 'units', atMs: 1, launch: 'single', units: [two] })
  journal.push({ kind: 'units', atMs: 2, launch: 'cluster', units: [one, two] })
  const items = Array.from({ length: 20 }, (_, second): TimelineItem => ({
    kind: 'figures',
    atMs: 1000 * second,
    units: { [two.key]: unitFigures({ ratePerS: second }) },
  }))
  for (const item of items) journal.push(item)
  const texts = [...journal.standing(), ...journal.from(journal.first, 1e6).map(({ text }) => text)]
  expect(new WireReader().read(`[${texts.join(',')}]`).slice(1)).toEqual(items.slice(10))
})

test('beats that are not kept end with the units that they are about', () => {
  const journal = new LiveJournal()
  journal.push({ kind: 'units', atMs: 1, launch: 'cluster', units: [worker(1, 7), worker(2, 8)] })
  journal.push({ kind: 'beats', atMs: 2, kept: false, beats: { [worker(2, 8).key]: beat(1) } })
  journal.push({ kind: 'units', atMs: 3, launch: 'cluster', units: [worker(1, 7), worker(2, 9)] })
  expect(journal.beats).toBe(null)
})
