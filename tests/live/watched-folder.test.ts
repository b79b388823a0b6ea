import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { openWatchedFolder } from '../../live/watched-folder.ts'
import { TimelineWriter } from '../../store/timeline-file.ts'
import { loadFigures } from '../timeline-items.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

function refused(message: RegExp): void {
  expect(() => openWatchedFolder(dir)).toThrow(expect.objectContaining({ code: 'RESULT_INVALID' }))
  expect(() => openWatchedFolder(dir)).toThrow(message)
}

test('a folder with a timeline is shown by it, whatever made it', () => {
  new TimelineWriter(dir).append([{ kind: 'load', atMs: 1, second: loadFigures(1) }])
  expect(openWatchedFolder(dir).read()).toMatchObject([{ kind: 'load' }])
})

test('a folder that is no run, one of another version, and none at all are reported', () => {
  refused(/Expected the folder of a run, got .*, which holds none/)
  writeFileSync(join(dir, 'manifest.json'), '{"schema":"forkwise/manifest@0"}')
  refused(/to be "forkwise\/manifest@\d", got "forkwise\/manifest@0"/)
  rmSync(dir, { recursive: true })
  refused(/which does not exist/)
})

test('a run of before there were timelines is shown with what its folder holds, and says what is missing', () => {
  const old = join(dir, 'old')
  cpSync(join(PACKAGE_ROOT, 'docs/sample/resilience'), old, { recursive: true })
  rmSync(join(old, 'timeline.ndjson'), { force: true })
  const items = openWatchedFolder(old).read()
  expect(items[0]).toMatchObject({ kind: 'run', experiment: 'resilience' })
  expect(items[1]).toMatchObject({ kind: 'mark', level: 'warning', text: expect.stringContaining('no heartbeats') })
  expect(items.filter(({ kind }) => kind === 'load').length).toBeGreaterThan(50)
  expect(items.some((item) => item.kind === 'mark' && item.level === 'fault')).toBe(true)
  expect(items.at(-1)).toMatchObject({ kind: 'end', text: 'The run is over.' })
  const times = items.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('a plan of before has its measurements, without times', () => {
  const items = openWatchedFolder(join(PACKAGE_ROOT, 'docs/sample/plan')).read()
  expect(items.filter(({ kind }) => kind === 'mark').length).toBeGreaterThan(3)
})
