import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ForkwiseError } from '../../core/errors.ts'
import { ResultsFolder } from '../../store/folder.ts'
import { FolderReader } from '../../store/folder-reader.ts'
import { constant, list, number, object, text } from '../../store/shape.ts'
import type { JsonFile, LinesFile } from '../../store/stored-file.ts'

interface Notes {
  readonly schema: 'test/notes@1'
  readonly title: string
  readonly figures: readonly number[]
}
interface Line {
  readonly schema: 'test/line@1'
  readonly figure: number
}
const NOTES: JsonFile<Notes> = {
  name: 'notes.json',
  tag: 'test/notes@1',
  lines: false,
  shape: object<Notes>({ schema: constant('test/notes@1'), title: text, figures: list(number) }),
}
const LINES: LinesFile<Line> = {
  name: 'lines.ndjson',
  tag: 'test/line@1',
  lines: true,
  shape: object<Line>({ schema: constant('test/line@1'), figure: number }),
}
const WRITTEN: Notes = { schema: 'test/notes@1', title: 'Größe', figures: [1, 2.5] }
const line = (figure: number): Line => ({ schema: 'test/line@1', figure })

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-folder-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(): ResultsFolder {
  const folder = ResultsFolder.create(join(dir, 'run'))
  folder.writeRecord(NOTES, WRITTEN)
  for (const figure of [1, 2, 3]) folder.append(LINES, line(figure))
  return folder
}

function read(): { notes: Notes | null; lines: Line[]; remarks: string[] } {
  const reader = new FolderReader(join(dir, 'run'), 'forkwise test')
  const found = { notes: reader.record(NOTES), lines: reader.lines(LINES) }
  reader.requireAll()
  reader.throwIfAny()
  return { ...found, remarks: reader.notes() }
}

function problems(): string[] {
  try {
    read()
  } catch (thrown) {
    expect((thrown as ForkwiseError).code).toBe('RESULT_INVALID')
    return (thrown as ForkwiseError).problems.map(({ message }) => message.replaceAll(dir, ''))
  }
  return []
}

const file = (name: string): string => join(dir, 'run', name)
const edit = (name: string, change: (text: string) => string): void =>
  writeFileSync(file(name), change(readFileSync(file(name), 'utf8')))

test('what is written is read again, without a remark, before and after the run is over', () => {
  const folder = write()
  const expected = { notes: WRITTEN, lines: [line(1), line(2), line(3)], remarks: [] }
  expect(read()).toEqual(expected)
  folder.seal([NOTES, LINES, { name: 'never-written.json', lines: false }])
  expect(read()).toEqual(expected)
  expect(readdirSync(folder.dir).sort()).toEqual(['lines.ndjson', 'notes.json', 'seal.json'])
})

test('white space may change', () => {
  write()
  edit('notes.json', (json) => JSON.stringify(JSON.parse(json)))
  expect(read().notes).toEqual(WRITTEN)
})

describe('a changed figure is noticed', () => {
  test('in a whole file', () => {
    write()
    edit('notes.json', (json) => json.replace('2.5', '2.6'))
    expect(problems()).toEqual([
      expect.stringMatching(
        /^Expected \/run\/notes.json as Forkwise wrote it \(checksum "crc32:\w{8}"\), got figures that were changed since/,
      ),
    ])
  })

  test.each([
    ['changed', (all: string[]) => [all[0], all[1]?.replace('"figure":2', '"figure":7'), all[2]]],
    ['left out', (all: string[]) => [all[0], all[2]]],
    ['doubled', (all: string[]) => [all[0], all[1], all[1], all[2]]],
    ['swapped', (all: string[]) => [all[0], all[2], all[1]]],
  ])('where a line is %s, once', (_what, change) => {
    write()
    edit('lines.ndjson', (lines) =>
      change(lines.trimEnd().split('\n'))
        .map((each) => `${each}\n`)
        .join(''),
    )
    expect(problems()).toEqual([expect.stringContaining('/run/lines.ndjson, line ')])
  })

  test('where the last line of a run that is over is left out, or a file is gone', () => {
    write().seal([NOTES, LINES])
    edit('lines.ndjson', (lines) => lines.split('\n').slice(0, 2).join('\n') + '\n')
    unlinkSync(file('notes.json'))
    expect(problems()).toEqual([
      expect.stringContaining('/run/lines.ndjson as it was when the run was over'),
      expect.stringContaining('/run/notes.json, which was there when the run was over'),
    ])
  })
})

test('files of older versions, without checksums, are read with a remark, and so is what is added to them', () => {
  write()
  writeFileSync(file('notes.json'), JSON.stringify(WRITTEN))
  writeFileSync(file('lines.ndjson'), [1, 2].map((figure) => `${JSON.stringify(line(figure))}\n`).join(''))
  ResultsFolder.open(join(dir, 'run')).append(LINES, line(3))
  const { notes, lines, remarks } = read()
  expect(notes).toEqual(WRITTEN)
  expect(lines).toEqual([line(1), line(2), line(3)])
  expect(remarks).toEqual([
    expect.stringContaining('A changed figure would not be noticed in notes.json and lines.ndjson'),
  ])
})

test('a torn last line is left out with a remark, and cut off when the run goes on', () => {
  write()
  appendFileSync(file('lines.ndjson'), '{"schema":"test/li')
  expect(read().lines).toHaveLength(3)
  expect(read().remarks).toEqual([expect.stringContaining('The last line of lines.ndjson was cut off')])
  const folder = ResultsFolder.open(join(dir, 'run'))
  folder.append(LINES, line(4))
  expect(read()).toEqual({ notes: WRITTEN, lines: [1, 2, 3, 4].map(line), remarks: [] })
})

test('writing into a run that was over takes its seal away', () => {
  write().seal([NOTES, LINES])
  ResultsFolder.open(join(dir, 'run')).append(LINES, line(4))
  expect(existsSync(file('seal.json'))).toBe(false)
  expect(read().lines).toHaveLength(4)
})

test('everything that is wrong is reported at once', () => {
  write()
  edit('notes.json', () => '{"schema":"test/notes@1","title":5,"figures":[1,"2"]}')
  edit('lines.ndjson', (lines) => lines.replace('"figure":2', '"figure":null'))
  expect(problems()).toEqual([
    'Expected `title` of /run/notes.json to be text, got 5.',
    'Expected `figures[1]` of /run/notes.json to be a number, got "2".',
    'Expected `figure` of /run/lines.ndjson, line 2 to be a number, got null.',
  ])
})

describe('in the place of a file', () => {
  test.each([
    ['a folder', () => mkdirSync(file('notes.json')), 'a regular file, got a folder'],
    ['a FIFO', () => execFileSync('mkfifo', [file('notes.json')]), 'a regular file, got a FIFO'],
    ['a link to itself', () => symlinkSync('notes.json', file('notes.json')), 'a link that leads round in a circle'],
    ['a huge file', () => truncateSync(touched('notes.json'), 2 ** 30), 'at most 256 MiB, got 1 GiB'],
    ['a device', () => symlinkSync('/dev/zero', file('notes.json')), 'a regular file, got a device'],
  ])('%s is refused at once', (_what, put, expected) => {
    write()
    unlinkSync(file('notes.json'))
    put()
    expect(problems()).toEqual([expect.stringContaining(expected)])
  })
})

function touched(name: string): string {
  writeFileSync(file(name), '')
  return file(name)
}

test('a FIFO in the place of the temporary file does not hold up a writer', () => {
  const folder = write()
  execFileSync('mkfifo', [file('notes.json.tmp')])
  folder.writeRecord(NOTES, { ...WRITTEN, title: 'again' })
  expect(read().notes?.title).toBe('again')
})
