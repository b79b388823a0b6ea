import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { resultJson } from '../core/estimate.ts'
import { makeFolders } from '../core/folders.ts'
import { replaceFile } from '../core/replace-file.ts'
import { checkedLine, checkedRecord, checksumOf, checksumText, sealedJson } from './checksum.ts'
import { readRegularFile } from './regular-file.ts'
import { SEAL } from './seal.ts'
import type { JsonFile, LinesFile, Seal } from './stored-file.ts'
import { unwritable } from './unwritable.ts'

/** Which reports of a folder are written: all, or those that it lacks, so that a folder under version control stays as it is. */
export type WhichTexts = 'all' | 'missing'

/**
 * Writes a results folder of any kind, piece by piece, so that a run that dies keeps all it has finished. Every method
 * that writes throws FOLDER_UNWRITABLE when it cannot.
 */
export class ResultsFolder {
  readonly dir: string
  /** Whether this run made the folder, so that it may remove it. */
  readonly #isOwn: boolean
  /** Length and checksum of the files of lines that were written to. */
  readonly #ends = new Map<string, { readonly bytes: number; readonly checksum: number }>()
  #mayBeSealed = true

  private constructor(dir: string, isOwn: boolean) {
    this.dir = resolve(dir)
    this.#isOwn = isOwn
  }

  /** Makes the folder of a new run; throws USAGE with the hint when there is one that holds something. */
  static create(dir: string, hint = 'Choose another folder.'): ResultsFolder {
    const path = resolve(dir)
    const isOwn = !existsSync(path)
    const held = writing(path, () => {
      makeFolders(path)
      return readdirSync(path)
    })
    if (held.length === 0) return new ResultsFolder(path, isOwn)
    throw new ForkwiseError('USAGE', {
      message: `Expected \`--out\` to be a new or empty folder, got ${path}, which holds files.`,
      hint,
    })
  }

  /** A folder that is there, to go on with its run or to write texts into it. */
  static open(dir: string): ResultsFolder {
    return new ResultsFolder(dir, false)
  }

  /** Makes a folder in it. */
  makeFolder(name: string): void {
    writing(this.dir, () => makeFolders(join(this.dir, name)))
  }

  /** Writes a record as a whole file, lasting, with its checksum; `name` where the file has another one than its kind. */
  writeRecord<T extends object>({ name: usual, hasEstimates }: JsonFile<T>, record: T, name: string = usual): void {
    this.#unseal()
    const json = hasEstimates === true ? resultJson(record) : JSON.stringify(record)
    const sealed: unknown = JSON.parse(sealedJson(json, checksumOf(json)))
    this.#replace(name, `${JSON.stringify(sealed, null, 2)}\n`, true)
  }

  /** Makes a file of lines without a line. */
  startLines<T extends object>({ name }: LinesFile<T>): void {
    this.#unseal()
    this.#replace(name, '', true)
    this.#ends.set(name, { bytes: 0, checksum: 0 })
  }

  /** Goes on with a file of lines, cutting off a last line that a crash has torn. */
  continueLines<T extends object>({ name }: LinesFile<T>): void {
    this.#unseal()
    const { bytes } = this.#endOf(name)
    writing(this.dir, () => appendAt(join(this.dir, name), bytes, Buffer.alloc(0), true))
  }

  /** Adds a record to a file of lines, lasting. A last line that a crash has torn is cut off. */
  append<T extends object>(file: LinesFile<T>, record: T): void {
    this.appendAll(file, [record], true)
  }

  /**
   * Adds records to a file of lines in one go. Those that need not last may be lost with the power, and their file is none
   * of those that are sealed.
   */
  appendAll<T extends object>({ name }: LinesFile<T>, records: readonly T[], isLasting: boolean): void {
    if (isLasting) this.#unseal()
    let { bytes, checksum } = this.#endOf(name)
    const lines = records.map((record) => {
      const json = JSON.stringify(record)
      checksum = checksumOf(json, checksum)
      return `${sealedJson(json, checksum)}\n`
    })
    const text = Buffer.from(lines.join(''))
    writing(this.dir, () => appendAt(join(this.dir, name), bytes, text, isLasting))
    this.#ends.set(name, { bytes: bytes + text.length, checksum })
  }

  /** Writes a text that can be made again, e.g. report.md: whole, but not worth waiting for the disk. */
  writeText(name: string, text: string): void {
    this.#replace(name, text, false)
  }

  /** Writes texts that can be made again, each from what makes it; of `missing` those that are there stay as they are. */
  writeTexts(texts: Readonly<Record<string, () => string>>, which: WhichTexts): void {
    for (const [name, text] of Object.entries(texts)) {
      if (which === 'all' || !existsSync(join(this.dir, name))) this.writeText(name, text())
    }
  }

  /**
   * Notes the checksums of these files, of those that are there, now that the run is over: from then on one that is
   * missing, cut off or put in from another run is noticed. Writing any of them again takes the note away.
   */
  seal(kept: readonly { readonly name: string; readonly lines: boolean }[]): void {
    const files = Object.fromEntries(
      kept.flatMap((file) => {
        const checksum = this.#checksumIn(file)
        return checksum === null ? [] : [[file.name, checksum] as const]
      }),
    )
    this.writeRecord<Seal>(SEAL, { schema: 'forkwise/seal@1', files })
    this.#mayBeSealed = true
  }

  /**
   * Whether nothing was written but files of these names; they are removed then, and the folder, where this run made it.
   */
  discardEmpty(ignored: readonly string[] = []): boolean {
    if (!existsSync(this.dir)) return true
    if (readdirSync(this.dir).some((name) => !ignored.includes(name))) return false
    for (const name of ignored) rmSync(join(this.dir, name), { force: true })
    if (this.#isOwn) rmdirSync(this.dir)
    return true
  }

  #unseal(): void {
    if (this.#mayBeSealed) writing(this.dir, () => rmSync(join(this.dir, SEAL.name), { force: true }))
    this.#mayBeSealed = false
  }

  #checksumIn({ name, lines }: { readonly name: string; readonly lines: boolean }): string | null {
    const path = join(this.dir, name)
    if (lines) return existsSync(path) ? checksumText(this.#endOf(name).checksum) : null
    const bytes = readRegularFile(path)
    return bytes === null ? null : checkedRecord(bytes.toString('utf8')).computed
  }

  #endOf(name: string): { readonly bytes: number; readonly checksum: number } {
    const known = this.#ends.get(name)
    if (known !== undefined) return known
    const bytes = writing(this.dir, () => readRegularFile(join(this.dir, name))) ?? Buffer.alloc(0)
    let [from, checksum] = [0, 0]
    for (let to = bytes.indexOf(10); to !== -1; from = to + 1, to = bytes.indexOf(10, from)) {
      checksum = checkedLine(bytes.subarray(from, to), checksum).computed
    }
    return { bytes: from, checksum }
  }

  #replace(name: string, text: string, isLasting: boolean): void {
    writing(this.dir, () => replaceFile(join(this.dir, name), text, isLasting))
  }
}

/** Writes at the end of what is whole in a file; on a full disk, leaves none of it. Names given before are on disk then. */
function appendAt(path: string, bytes: number, lines: Buffer, isLasting: boolean): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK, 0o644)
  try {
    ftruncateSync(file, bytes)
    try {
      writeFileSync(file, lines)
      if (isLasting) fdatasyncSync(file)
    } catch (thrown) {
      ftruncateSync(file, bytes)
      throw thrown
    }
  } finally {
    closeSync(file)
  }
}

function writing<T>(dir: string, write: () => T): T {
  try {
    return write()
  } catch (thrown) {
    throw unwritable(dir, thrown)
  }
}
