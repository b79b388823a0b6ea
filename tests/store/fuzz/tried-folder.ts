import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, type Stats, utimesSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The time that every file has which nobody has written to since, in seconds since the epoch. */
const UNTOUCHED_S = 1000

interface Kept {
  readonly bytes: Buffer
  /** Inode of the file that was written; null before the first. */
  inode: number | null
}

/** A copy of a folder that is harmed again and again: between two harms only what has changed is written anew. */
export class TriedFolder {
  readonly dir: string
  readonly #folders: readonly string[]
  readonly #files: ReadonlyMap<string, Kept>

  /** Reads the whole folder into memory. */
  constructor(whole: string, dir: string) {
    const entries = readdirSync(whole, { recursive: true, withFileTypes: true })
    const placeOf = (entry: (typeof entries)[number]): string => relative(whole, join(entry.parentPath, entry.name))
    this.dir = dir
    this.#folders = ['', ...entries.filter((entry) => entry.isDirectory()).map(placeOf)]
    this.#files = new Map(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => [placeOf(entry), { bytes: readFileSync(join(entry.parentPath, entry.name)), inode: null }]),
    )
  }

  /** Makes it whole again; gives its path. */
  restore(): string {
    for (const folder of this.#folders) this.#ensureFolder(join(this.dir, folder))
    this.#removeOthers('')
    for (const [place, kept] of this.#files) {
      const path = join(this.dir, place)
      const now = statOf(path)
      if (now?.isFile() && now.ino === kept.inode && now.mtimeMs === UNTOUCHED_S * 1000) continue
      rmSync(path, { recursive: true, force: true })
      writeFileSync(path, kept.bytes)
      utimesSync(path, UNTOUCHED_S, UNTOUCHED_S)
      kept.inode = lstatSync(path).ino
    }
    return this.dir
  }

  #ensureFolder(path: string): void {
    if (statOf(path)?.isDirectory()) return
    rmSync(path, { recursive: true, force: true })
    mkdirSync(path, { recursive: true })
  }

  #removeOthers(folder: string): void {
    for (const entry of readdirSync(join(this.dir, folder), { withFileTypes: true })) {
      const place = join(folder, entry.name)
      if (entry.isDirectory() && this.#folders.includes(place)) this.#removeOthers(place)
      else if (!this.#files.has(place)) rmSync(join(this.dir, place), { recursive: true, force: true })
    }
  }
}

function statOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null
}
