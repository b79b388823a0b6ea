import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf, ProblemList } from '../core/errors.ts'
import { boundsRestored } from '../core/estimate.ts'
import type { JsonSchema } from '../core/expectation.ts'
import { mismatchesOf } from '../core/json-schema.ts'
import { quoted } from '../core/quotes.ts'
import { checkedLine, checkedRecord, checksumText } from './checksum.ts'
import { readRegularFile, UnreadableFile } from './regular-file.ts'
import { SEAL } from './seal.ts'
import type { JsonFile, LinesFile, Seal, StoredFile } from './stored-file.ts'

/** Most problems that are reported of one folder; the others are only counted. */
const MOST_PROBLEMS = 20

/**
 * Reads the files of a results folder, each through the shape that it was written by, and collects everything that is wrong
 * with any of them for one error.
 */
export class FolderReader {
  readonly dir: string
  readonly #problems: { message: string; hint: string }[] = []
  readonly #unchecked = new Set<string>()
  readonly #torn = new Set<string>()
  readonly #seal: Seal | null
  readonly #hint: string

  /** `again`: the command that makes such a folder, for hints. */
  constructor(dir: string, again: string) {
    this.dir = resolve(dir)
    this.#hint = `The file is damaged or was changed: restore it from a copy, or run it again: ${again}`
    this.#seal = this.record(SEAL)
  }

  /** The record of a file; null when there is no such file, or when it is noted as a problem. */
  record<T extends object>(file: JsonFile<T>, name: string = file.name): T | null {
    const path = join(this.dir, name)
    const bytes = this.#bytesOf(path)
    if (bytes === null) return null
    const checked = this.#parsed(path, () => checkedRecord(bytes.toString('utf8')))
    if (checked === null) return null
    const { value: written, computed, carried } = checked
    if (written === null) this.add(`Expected ${path} to be a record, got null.`)
    const value = this.#recordIn(path, file.hasEstimates === true ? boundsRestored(written) : written, file)
    if (value === null) return null
    this.#noteChecksum(name, path, carried, computed)
    this.#noteSealed(name, path, computed)
    return value
  }

  /** The records of a file of lines; a last one that is torn is left out. */
  lines<T extends object>(file: LinesFile<T>): T[] {
    const { name } = file
    const path = join(this.dir, name)
    const bytes = this.#bytesOf(path)
    if (bytes === null) return []
    const records: T[] = []
    let [from, checksum, isChanged, number] = [0, 0, false, 0]
    for (let to = bytes.indexOf(10); to !== -1; from = to + 1, to = bytes.indexOf(10, from)) {
      number += 1
      const where = `${path}, line ${number}`
      const line = checkedLine(bytes.subarray(from, to), checksum)
      checksum = line.computed
      const value = this.#recordIn(
        where,
        this.#parsed(where, () => JSON.parse(line.json) as unknown),
        file,
      )
      if (value === null) isChanged = true
      else records.push(value)
      if (isChanged) continue
      isChanged = this.#noteChecksum(name, where, line.carried, checksumText(checksum))
    }
    if (from < bytes.length) this.#torn.add(name)
    if (!isChanged) this.#noteSealed(name, path, checksumText(checksum))
    return records
  }

  /** True when every file that was read so far carries checksums. */
  get hasChecksums(): boolean {
    return this.#unchecked.size === 0
  }

  /** Notes a problem that is none of form. */
  add(message: string, hint: string = this.#hint): void {
    this.#problems.push({ message, hint })
  }

  /** Notes every file that is missing though it was there when the run was over. */
  requireAll(): void {
    for (const name of Object.keys(this.#seal?.files ?? {})) {
      if (!existsSync(join(this.dir, name))) {
        this.add(`Expected ${join(this.dir, name)}, which was there when the run was over, got none.`)
      }
    }
  }

  /** Throws one RESULT_INVALID error with everything that was noted. */
  throwIfAny(): void {
    if (this.#problems.length === 0) return
    const problems = new ProblemList()
    for (const { message, hint } of this.#problems.slice(0, MOST_PROBLEMS)) problems.add(message, hint)
    const more = this.#problems.length - MOST_PROBLEMS
    if (more > 0) problems.add(`Expected ${this.dir} to be whole, got ${more} problems besides these.`)
    problems.throwIfAny('RESULT_INVALID')
  }

  /** What a reader should know though it is no problem, in sentences. */
  notes(): string[] {
    const names = [...this.#unchecked]
    return [
      ...(names.length === 0
        ? []
        : [
            `A changed figure would not be noticed in ${listed(names)}: this version of Forkwise writes checksums, the one that wrote ${names.length === 1 ? 'this file' : 'these files'} did not.`,
          ]),
      ...[...this.#torn].map((name) => `The last line of ${name} was cut off when the run died, and is left out.`),
    ]
  }

  #bytesOf(path: string): Buffer | null {
    try {
      return readRegularFile(path)
    } catch (thrown) {
      if (!(thrown instanceof UnreadableFile)) throw thrown
      this.add(`Expected ${path} to be ${thrown.message}.`)
      return null
    }
  }

  /** What a text holds; null, with the problem noted, when it is no JSON or null. */
  #parsed<T>(where: string, parse: () => T): T | null {
    try {
      const value = parse()
      if (value === null) this.add(`Expected ${where} to be a record, got null.`)
      return value
    } catch (thrown) {
      const why = thrown instanceof SyntaxError ? 'text that is no whole JSON' : messageOf(thrown)
      this.add(`Expected ${where} to be JSON, got ${why}.`)
      return null
    }
  }

  /** What was parsed as a record of a file, an older version in the words of today; null when it does not fit. */
  #recordIn<T>(where: string, value: unknown, { tag, shape, older, mayLackTag }: StoredFile<T>): T | null {
    if (value === null) return null
    const got = typeof value === 'object' && 'schema' in value ? value.schema : undefined
    if (older !== undefined && got === older.tag) {
      return this.#fits(where, value, older.shape.schema) ? older.convert(value) : null
    }
    if (got === tag || (got === undefined && mayLackTag === true)) {
      return this.#fits(where, value, shape.schema) ? (value as T) : null
    }
    const family = tag.split('@')[0] ?? tag
    const isOther = typeof got === 'string' && got.startsWith(`${family}@`)
    const isForeign = typeof got === 'string' && got.startsWith('forkwise/')
    const hint = isOther
      ? 'It was written by another version of Forkwise: read it with that one, or run it again.'
      : isForeign
        ? 'It belongs to a run of another kind: give the folder of one of the kind that is expected here.'
        : this.#hint
    this.add(`Expected ${where} to be "${tag}", got ${got === undefined ? 'no schema' : quoted(got)}.`, hint)
    return null
  }

  #fits(where: string, value: unknown, schema: JsonSchema): boolean {
    const mismatches = mismatchesOf(value, schema)
    for (const { place, wanted, got } of mismatches) {
      const what = place === '' ? where : `\`${place.replace(/^\./, '')}\` of ${where}`
      this.add(`Expected ${what} ${wanted}, got ${got}.`)
    }
    return mismatches.length === 0
  }

  #noteChecksum(name: string, where: string, carried: unknown, computed: string): boolean {
    if (carried === null) this.#unchecked.add(name)
    if (carried === null || carried === computed) return false
    this.add(
      `Expected ${where} as Forkwise wrote it (checksum ${quoted(carried)}), got figures that were changed since (${computed}).`,
    )
    return true
  }

  #noteSealed(name: string, path: string, computed: string): void {
    const sealed = this.#seal?.files[name]
    if (sealed === undefined || sealed === computed) return
    this.add(`Expected ${path} as it was when the run was over (${quoted(sealed)}), got another (${computed}).`)
  }
}

function listed(names: readonly string[]): string {
  if (names.length > 3) return `${names[0]} and ${names.length - 1} other files`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
