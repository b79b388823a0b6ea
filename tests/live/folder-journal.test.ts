import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readProcess } from '../../cluster/proc.ts'
import type { TimelineItem, TimelineUnit } from '../../core/timeline.ts'
import { FolderJournal } from '../../live/folder-journal.ts'
import { TimelineWriter } from '../../store/timeline-file.ts'
import { WireReader } from '../../live/wire.ts'
import { beat, loadFigures, worker } from '../timeline-items.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

function begin(process: { pid: number; birth: string } | null): TimelineItem {
  const schema = 'forkwise/timeline@1'
  return { kind: 'run', atMs: 1, schema, process, experiment: 'compare', id: 'a', expectedS: null, steps: null }
}

function load(second: number): TimelineItem {
  return { kind: 'load', atMs: second * 1000, second: loadFigures(second) }
}

const END: TimelineItem = { kind: 'end', atMs: 9000, text: 'The run is over.', failed: false }

function itemsFrom(journal: FolderJournal, number: number, characters = 1e6): TimelineItem[] {
  return journal.from(number, characters).map(({ text }) => JSON.parse(text) as TimelineItem)
}

test('what was written is sent to whoever comes, from any number on, and what is written later too', () => {
  const writer = new TimelineWriter(dir)
  writer.append([begin(null), load(1), load(2)])
  const journal = new FolderJournal(dir)
  expect([journal.last, journal.read().length, journal.last]).toEqual([0, 3, 3])
  expect(itemsFrom(journal, 2)).toMatchObject([load(1), load(2)])
  writer.append([load(3)])
  expect(journal.last).toBe(3)
  expect(journal.read()).toMatchObject([load(3)])
  expect(itemsFrom(journal, 4)).toMatchObject([load(3)])
  expect(itemsFrom(journal, 5)).toEqual([])
})

test('who goes on in the middle is told of units by the places that they have there', () => {
  const units = (...present: readonly TimelineUnit[]): TimelineItem => ({
    kind: 'units',
    atMs: 1,
    launch: 'a',
    units: present,
  })
  const beats: TimelineItem = { kind: 'beats', atMs: 2, kept: true, beats: { [worker(2, 8).key]: beat(1) } }
  const items = [units(worker(2, 8)), beats, units(worker(1, 7), worker(2, 8)), beats, load(3)]
  new TimelineWriter(dir).append(items)
  const journal = new FolderJournal(dir)
  journal.read()
  const textsFrom = (number: number): string =>
    `[${journal
      .from(number, 1e6)
      .map(({ text }) => text)
      .join(',')}]`
  expect(new WireReader().read(textsFrom(1))).toEqual(items)
  const reader = new WireReader()
  reader.read(
    `[${journal
      .from(1, 1e6)
      .slice(0, 3)
      .map(({ text }) => text)
      .join(',')}]`,
  )
  expect(reader.read(textsFrom(4))).toEqual(items.slice(3))
})

test('a message holds no more than was asked for, but at least one item', () => {
  new TimelineWriter(dir).append([load(1), load(2), load(3)])
  const journal = new FolderJournal(dir)
  journal.read()
  expect(itemsFrom(journal, 1, 1)).toHaveLength(1)
  expect(journal.from(1, 1)[0]?.number).toBe(1)
})

test('a run whose process is gone has ended, one whose process lives goes on', () => {
  const mine = { pid: process.pid, birth: readProcess(process.pid)?.birth ?? '' }
  const writer = new TimelineWriter(dir)
  writer.append([begin(mine), load(1)])
  const journal = new FolderJournal(dir)
  journal.read()
  const seenMs = Date.now()
  expect(journal.read()).toEqual([])
  writer.append([begin({ ...mine, birth: 'another' }), load(2)])
  const [end] = journal.read().slice(2)
  // When it was seen to go on it had not ended.
  expect(end).toMatchObject({ kind: 'end', failed: true, text: expect.stringContaining('is not known') })
  expect(end?.atMs).toBeGreaterThanOrEqual(seenMs)
  expect(journal.read()).toEqual([])
  expect(itemsFrom(journal, journal.last)).toMatchObject([{ kind: 'end', failed: true }])
})

test('a run that ended by itself is not ended twice', () => {
  new TimelineWriter(dir).append([begin({ pid: 1, birth: 'another' }), END])
  const journal = new FolderJournal(dir)
  expect(journal.read()).toHaveLength(2)
  expect(journal.read()).toEqual([])
})

test('a run that goes on after it was killed is followed, to its own end', () => {
  const gone = { pid: process.pid, birth: 'another' }
  const writer = new TimelineWriter(dir)
  writer.append([begin(gone), load(1)])
  const journal = new FolderJournal(dir)
  expect(journal.read().at(-1)).toMatchObject({ kind: 'end', failed: true })
  writer.append([begin({ pid: process.pid, birth: readProcess(process.pid)?.birth ?? '' }), load(2)])
  expect(journal.read()).toHaveLength(2)
  writer.append([END])
  expect(journal.read()).toEqual([END])
  expect(journal.read()).toEqual([])
})

test('a file that was removed has nothing more to send, and breaks nothing', () => {
  new TimelineWriter(dir).append([load(1)])
  const journal = new FolderJournal(dir)
  journal.read()
  rmSync(join(dir, 'timeline.ndjson'))
  expect([journal.read(), itemsFrom(journal, 1)]).toEqual([[], []])
})
