import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TimelineItem } from '../../core/timeline.ts'
import { hasTimeline, TimelineReader, TimelineWriter } from '../../store/timeline-file.ts'
import { beat, loadFigures, unitFigures, worker } from '../timeline-items.ts'

let dir: string
const file = (): string => join(dir, 'timeline.ndjson')

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

const ITEMS: readonly TimelineItem[] = [
  {
    kind: 'run',
    atMs: 1,
    schema: 'forkwise/timeline@1',
    process: { pid: 7, birth: '99' },
    experiment: 'compare',
    id: 'a',
    expectedS: 9,
    steps: null,
  },
  { kind: 'step', atMs: 2, label: 'block 1' },
  { kind: 'phase', atMs: 3, phase: 'saturation' },
  { kind: 'units', atMs: 4, launch: 'cluster', units: [worker(1, 101)] },
  { kind: 'load', atMs: 5, second: loadFigures(1) },
  { kind: 'figures', atMs: 6, units: { 'worker-1 101': unitFigures() } },
  { kind: 'beats', atMs: 7, kept: true, beats: { 'worker-1 101': beat(3) } },
  { kind: 'mark', atMs: 8, level: 'fault', text: 'kill is injected' },
  { kind: 'end', atMs: 9, text: 'The run is over.', failed: false },
]

function written(): TimelineWriter {
  const writer = new TimelineWriter(dir)
  writer.append(ITEMS)
  return writer
}

test('every kind of item comes back as it was written, each once, also while more is written', () => {
  const reader = new TimelineReader(dir)
  expect([hasTimeline(dir), reader.read()]).toEqual([false, []])
  const writer = written()
  expect(hasTimeline(dir)).toBe(true)
  expect(reader.read().map(({ item }) => item)).toEqual(ITEMS)
  expect(reader.read()).toEqual([])
  writer.append([{ kind: 'step', atMs: 10, label: 'block 2' }])
  const [line] = reader.read()
  expect(reader.itemBetween(line?.from ?? 0, line?.to ?? 0)).toEqual({ kind: 'step', atMs: 10, label: 'block 2' })
})

test('a line that is not whole yet is read once it is', () => {
  written()
  const bytes = readFileSync(file())
  const reader = new TimelineReader(dir)
  truncateSync(file(), bytes.length - 10)
  expect(reader.read()).toHaveLength(ITEMS.length - 1)
  writeFileSync(file(), bytes)
  expect(reader.read().map(({ item }) => item.kind)).toEqual(['end'])
})

test('a run that goes on cuts off what a crash has torn, and writes after it', () => {
  written()
  appendFileSync(file(), '{"kind":"st')
  new TimelineWriter(dir).append([{ kind: 'step', atMs: 10, label: 'again' }])
  expect(new TimelineReader(dir).read().map(({ item }) => item)).toEqual([
    ...ITEMS,
    { kind: 'step', atMs: 10, label: 'again' },
  ])
})

test.each([
  ['a changed figure', '"p99Ms":9', '"p99Ms":8', /line 5 as Forkwise wrote it/],
  ['no JSON', '{"kind":"step"', '{kind:"step"', /line 2 to be JSON/],
  ['a wrong member', '"phase":"saturation"', '"phase":7', /line 3 with `phase` to be text, got 7/],
  ['another version', 'timeline@1', 'timeline@2', /line 1 to be "forkwise\/timeline@1", got "forkwise\/timeline@2"/],
])('%s is reported, with the line', (_, from, to, message) => {
  written()
  writeFileSync(file(), readFileSync(file(), 'utf8').replace(from, to))
  expect(() => new TimelineReader(dir).read()).toThrow(expect.objectContaining({ code: 'RESULT_INVALID' }))
  expect(() => new TimelineReader(dir).read()).toThrow(message)
})

test('a file that became shorter is no file that grows', () => {
  written()
  const reader = new TimelineReader(dir)
  reader.read()
  truncateSync(file(), 10)
  expect(() => reader.read()).toThrow(/only to grow/)
})

test('what somebody removed is not written again', () => {
  const writer = written()
  rmSync(file())
  writer.append(ITEMS)
  expect(hasTimeline(dir)).toBe(false)
})

test('a long timeline is read in pieces and lacks nothing', () => {
  const many = Array.from({ length: 20_000 }, (_, atMs): TimelineItem => ({
    kind: 'load',
    atMs,
    second: loadFigures(1),
  }))
  new TimelineWriter(dir).append(many)
  expect(new TimelineReader(dir).read().map(({ item }) => item.atMs)).toEqual(many.map(({ atMs }) => atMs))
})
