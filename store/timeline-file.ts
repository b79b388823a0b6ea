import { closeSync, existsSync, fstatSync, readSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { mismatchesOf } from '../core/json-schema.ts'
import { quoted } from '../core/quotes.ts'
import type { TimelineItem } from '../core/timeline.ts'
import { checkedLine, checksumText } from './checksum.ts'
import { ResultsFolder } from './folder.ts'
import { openRegularFile, UnreadableFile } from './regular-file.ts'
import { timelineItem } from './shapes/timeline.ts'
import type { LinesFile } from './stored-file.ts'

/** What happened in a run, second by second, for those who watch it, while it lasts or afterwards. No verdict is made from it. */
export const TIMELINE: LinesFile<TimelineItem> = {
  name: 'timeline.ndjson',
  tag: 'forkwise/timeline@1',
  // Each run in it begins with an item that has it.
  mayLackTag: true,
  lines: true,
  shape: timelineItem,
}

/** Bytes that are read at once. */
const CHUNK_BYTES = 1 << 20

/** Longest line, in bytes: a second of a thousand units. */
const LINE_BYTES = 1 << 20

/** Writes the timeline of a run that goes on in a folder that is there. */
export class TimelineWriter {
  readonly #folder: ResultsFolder
  #begun = false

  /** `dir`: the results folder. */
  constructor(dir: string) {
    this.#folder = ResultsFolder.open(dir)
  }

  /** Adds items; nothing once somebody removed the file. Throws FOLDER_UNWRITABLE. */
  append(items: readonly TimelineItem[]): void {
    if (items.length === 0 || (this.#begun && !hasTimeline(this.#folder.dir))) return
    this.#folder.appendAll(TIMELINE, items, false)
    this.#begun = true
  }
}

/** One item of a timeline, and where its line is in the file, in bytes. */
export interface TimelineLine {
  readonly item: TimelineItem
  readonly from: number
  readonly to: number
}

/** Reads a timeline, also while it is being written. */
export class TimelineReader {
  readonly #path: string
  #offset = 0
  #checksum = 0
  #lines = 0

  /** `dir`: the results folder. */
  constructor(dir: string) {
    this.#path = join(resolve(dir), TIMELINE.name)
  }

  /**
   * The lines that were written since the last call; one that is not whole yet is left for the next. Throws RESULT_INVALID
   * when a line is damaged or changed, or of another version of Forkwise.
   */
  read(): TimelineLine[] {
    const file = this.#open()
    if (file === null) return []
    try {
      const { size } = fstatSync(file)
      if (size < this.#offset) throw this.#invalid('only to grow', 'a shorter one')
      const lines: TimelineLine[] = []
      while (
        this.#offset < size &&
        this.#readChunk(file, Math.min(size - this.#offset, CHUNK_BYTES + LINE_BYTES), lines)
      );
      return lines
    } finally {
      closeSync(file)
    }
  }

  /** The item whose line was between two places before; null when the file, or the line, is gone. */
  itemBetween(from: number, to: number): TimelineItem | null {
    const file = this.#open()
    if (file === null) return null
    try {
      const bytes = Buffer.alloc(to - from)
      readSync(file, bytes, 0, bytes.length, from)
      return JSON.parse(checkedLine(bytes, 0).json) as TimelineItem
    } catch (thrown) {
      if (thrown instanceof SyntaxError) return null
      throw thrown
    } finally {
      closeSync(file)
    }
  }

  #open(): number | null {
    try {
      return openRegularFile(this.#path)
    } catch (thrown) {
      if (!(thrown instanceof UnreadableFile)) throw thrown
      throw new ForkwiseError('RESULT_INVALID', { message: `Expected ${this.#path} to be ${thrown.message}.` })
    }
  }

  /** Reads the whole lines of the next bytes; false when there is none. */
  #readChunk(file: number, length: number, lines: TimelineLine[]): boolean {
    const bytes = Buffer.alloc(length)
    const got = bytes.subarray(0, readSync(file, bytes, 0, length, this.#offset))
    let from = 0
    for (let to = got.indexOf(10); to !== -1; from = to + 1, to = got.indexOf(10, from)) {
      const item = this.#itemIn(got.subarray(from, to))
      lines.push({ item, from: this.#offset + from, to: this.#offset + to })
    }
    this.#offset += from
    if (from === 0 && got.length > LINE_BYTES)
      throw this.#invalid('to have lines of JSON', 'one of more than a megabyte')
    return from > 0
  }

  #itemIn(bytes: Buffer): TimelineItem {
    this.#lines += 1
    const where = `, line ${this.#lines}`
    const { json, computed, carried } = checkedLine(bytes, this.#checksum)
    this.#checksum = computed
    const item = this.#parsed(json, where)
    if (carried !== null && carried !== checksumText(computed)) {
      throw this.#invalid('as Forkwise wrote it', 'figures that were changed since', where)
    }
    return item
  }

  #parsed(json: string, where: string): TimelineItem {
    let value: unknown
    try {
      value = JSON.parse(json)
    } catch (thrown) {
      throw this.#invalid('to be JSON', messageOf(thrown), where)
    }
    const tag = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : TIMELINE.tag
    if (tag !== TIMELINE.tag) {
      throw new ForkwiseError('RESULT_INVALID', {
        message: `Expected ${this.#path}${where} to be "${TIMELINE.tag}", got ${quoted(String(tag))}.`,
        hint: 'It was written by another version of Forkwise: watch it with that one.',
      })
    }
    const [mismatch] = mismatchesOf(value, TIMELINE.shape.schema)
    if (mismatch !== undefined) {
      const place = mismatch.place.replace(/^\./, '')
      throw this.#invalid(place === '' ? mismatch.wanted : `with \`${place}\` ${mismatch.wanted}`, mismatch.got, where)
    }
    return value as TimelineItem
  }

  #invalid(wanted: string, got: string, where = ''): ForkwiseError {
    return new ForkwiseError('RESULT_INVALID', {
      message: `Expected ${this.#path}${where} ${wanted}, got ${got}.`,
      hint: 'The file is damaged or was changed: restore it from a copy. The results of the run are in other files.',
    })
  }
}

/** Whether a folder has a timeline; those of before 2026-11-27 have none. */
export function hasTimeline(dir: string): boolean {
  return existsSync(join(resolve(dir), TIMELINE.name))
}
