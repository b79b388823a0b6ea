import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { Random } from '../../../core/random.ts'

/** Does something bad to one of the files of a results folder whose names match, and says what. */
export type Harm = (dir: string, random: Random, which: RegExp) => string

/** Every kind of harm, by name. */
export const HARMS: Readonly<Record<string, Harm>> = {
  delete: inRecord((holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else Reflect.deleteProperty(holder, key)
  }),
  retype: inRecord((holder, key, random) => Reflect.set(holder, key, oneOf(OTHER_VALUES, random))),
  nest: inRecord((holder, key, random) => {
    const depth = oneOf([1, 2, 50, 2000], random)
    let value: unknown = Reflect.get(holder, key)
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { value }
    Reflect.set(holder, key, value)
  }),
  huge: inRecord((holder, key, random) => {
    const value: unknown = Reflect.get(holder, key)
    if (Array.isArray(value) && value.length > 0)
      Reflect.set(
        holder,
        key,
        Array.from({ length: 2000 }, () => value[0]),
      )
    else Reflect.set(holder, key, oneOf(HUGE_VALUES, random))
  }),
  swapMembers: inRecord((holder, key, random) => {
    const other = oneOf(Object.keys(holder), random)
    const value: unknown = Reflect.get(holder, key)
    Reflect.set(holder, key, Reflect.get(holder, other))
    Reflect.set(holder, other, value)
  }),
  swapFiles: onFile((path, random, dir) => {
    const other = oneOf(filesOf(dir, /./), random)
    renameSync(path, `${path}.moved`)
    if (other !== path) renameSync(other, path)
    renameSync(`${path}.moved`, other)
    return `with ${basename(other)}`
  }),
  swapLines: onFile((path, random) => {
    const lines = readFileSync(path, 'utf8').split('\n')
    const [a, b] = [Math.floor(random() * lines.length), Math.floor(random() * lines.length)]
    const [first = '', second = ''] = [lines[a], lines[b]]
    lines[a] = second
    lines[b] = first
    writeFileSync(path, lines.join('\n'))
    return `${a} and ${b}`
  }),
  doubleLine: onFile((path, random) => {
    const lines = readFileSync(path, 'utf8').split('\n')
    const at = Math.floor(random() * lines.length)
    writeFileSync(path, lines.toSpliced(at, 0, lines[at] ?? '').join('\n'))
    return String(at)
  }),
  truncate: onFile((path, random) => {
    const length = Math.floor(random() * statSync(path).size)
    truncateSync(path, length)
    return `to ${length} bytes`
  }),
  flip: onFile((path, random) => {
    const bytes = readFileSync(path)
    const at = Math.floor(random() * bytes.length)
    const bit = Math.floor(random() * 8)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
    writeFileSync(path, bytes)
    return `bit ${bit} of byte ${at}`
  }),
  insert: onFile((path, random) => {
    const text = readFileSync(path, 'utf8')
    const at = Math.floor(random() * text.length)
    const inserted = oneOf(['\u0000', '\uFEFF', '\n', ',', '}', '[[[[', '\u001B[2J', '"__proto__":{},'], random)
    writeFileSync(path, text.slice(0, at) + inserted + text.slice(at))
    return `${JSON.stringify(inserted)} at ${at}`
  }),
  remove: onFile((path) => (rmSync(path), '')),
  empty: onFile((path) => (writeFileSync(path, ''), '')),
  sparse: onFile((path) => (truncateSync(path, 2 ** 30), '')),
  fifo: inPlace((path) => void execFileSync('mkfifo', [path])),
  folder: inPlace((path) => mkdirSync(path)),
  linkLoop: inPlace((path) => symlinkSync(path, path)),
  linkToNothing: inPlace((path) => symlinkSync(`${path}-nowhere`, path)),
  device: inPlace((path) => symlinkSync('/dev/zero', path)),
}

/** Takes the checksums out of a folder, so that it is like one of before there were any: only the shapes protect it. */
export function withoutChecksums(dir: string): void {
  rmSync(join(dir, 'seal.json'), { force: true })
  for (const path of filesOf(dir, /./)) {
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll(/,\s*"checksum": ?"crc32:[0-9a-f]{8}"/g, ''))
  }
}

const OTHER_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  '',
  'x',
  '../../etc/passwd',
  '\u001B[31m\u202E\u0000',
  '1e999',
  [],
  {},
  [null],
  [[]],
  { length: -1 },
]

const HUGE_VALUES: readonly unknown[] = [
  'x'.repeat(100_000),
  1e308,
  Number.MAX_SAFE_INTEGER,
  -1e308,
  '\u202E'.repeat(5000),
]

const NOT_READ = /(^|\/)(result\.json|report\.(md|html)|cells\.csv)$/

function filesOf(dir: string, which: RegExp): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !NOT_READ.test(path) && which.test(path))
    .toSorted()
}

function onFile(change: (path: string, random: Random, dir: string) => string): Harm {
  return (dir, random, which) => {
    const path = oneOf(filesOf(dir, which), random)
    return `${path.slice(dir.length + 1)} ${change(path, random, dir)}`
  }
}

function inPlace(put: (path: string) => void): Harm {
  return onFile((path) => {
    rmSync(path)
    put(path)
    return ''
  })
}

/** Changes a member, wherever it is, of a record in one of the files; the rest of the file stays as it is. */
function inRecord(change: (holder: object, key: string, random: Random) => void): Harm {
  return onFile((path, random) => {
    const isLines = path.endsWith('.ndjson')
    const records = readFileSync(path, 'utf8').split(isLines ? '\n' : '\u0000')
    const index = Math.floor(random() * Math.max(1, records.length - (isLines ? 1 : 0)))
    const record: unknown = JSON.parse(records[index] ?? '')
    const { holder, key, place } = oneOf(membersOf(record), random)
    change(holder, key, random)
    records[index] = JSON.stringify(record)
    writeFileSync(path, records.join(isLines ? '\n' : ''))
    return `${isLines ? `line ${index + 1} ` : ''}${place}`
  })
}

interface Member {
  readonly holder: object
  readonly key: string
  readonly place: string
}

function membersOf(value: unknown, place = ''): Member[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    { holder: value, key, place: `${place}.${key}` },
    ...membersOf(inner, `${place}.${key}`),
  ])
}

function oneOf<T>(values: readonly T[], random: Random): T {
  const value = values[Math.floor(random() * values.length)]
  if (value === undefined) throw new Error('Expected something to choose from, got nothing.')
  return value
}
