import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TimelineItem } from '../../../../core/timeline.ts'
import { timelineItems, unitsSection } from '../../../../report/html/sections/units.ts'
import { TimelineWriter } from '../../../../store/timeline-file.ts'
import { recordedTimeline } from '../../../recorded-timeline.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('the heat map and the lanes of a run, with what happened to its units as figures', () => {
  new TimelineWriter(dir).append(recordedTimeline())
  const text = unitsSection(timelineItems(dir))?.body.text ?? ''
  expect(text).toContain('id="heat-plot"')
  expect(text).toContain('<title>kill is injected</title>')
  const rows = [...text.matchAll(/<tr><th scope="row">(.*?)<\/th>(.*?)<\/tr>/gs)].map(([, name, cells = '']) => [
    name,
    ...[...cells.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell?.replace('\u00A0', ' ')),
  ])
  expect(rows).toEqual([
    ['40', '7', '1'],
    ['primary', '1', '40 s', '0.0 s', '0.0 s', '0'],
    ['worker-1', '1', '40 s', '4.0 s', '0.0 s', '0'],
    ['worker-2', '1', '40 s', '0.0 s', '4.0 s', '0'],
    ['worker-3', '2', '40 s', '0.0 s', '0.0 s', '1'],
  ])
})

test('a run without a timeline has no such part', () => {
  expect([timelineItems(undefined), timelineItems(dir), unitsSection([])]).toEqual([[], [], null])
})

test('of a damaged timeline the report says what is wrong with it', () => {
  writeFileSync(join(dir, 'timeline.ndjson'), 'no JSON\n')
  const text = unitsSection(timelineItems(dir))?.body.text ?? ''
  expect(text).toContain('timeline.ndjson, line 1 to be JSON')
  expect(text).toContain('The rest of this report is not made from it.')
})

test('however long a run was, its pictures stay small', () => {
  const hour = Array.from({ length: 90 }, (_, part) =>
    recordedTimeline().map((item): TimelineItem => ({ ...item, atMs: item.atMs + 40_100 * part })),
  ).flat()
  const text = unitsSection(hour)?.body.text ?? ''
  expect(text.length).toBeGreaterThan(5000)
  expect(text.length).toBeLessThan(150_000)
})
