import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ForkwiseError, ProblemList } from '../core/errors.ts'
import { addProblems } from '../experiments/resolution/problems.ts'
import type { LeftOut } from '../report/html/left-out.ts'
import { kindOfFolder } from '../store/folder-kind.ts'
import type { Terminal } from './command.ts'
import { readerNames } from './reader-names.ts'

/** What a class is made of: `what` as in "the folder of a lab", and how such a folder is known and read. */
export interface ClassKind<T> {
  readonly what: string
  isFolder(dir: string): boolean
  /** What a run is of, as its folder may be called: the name of the lab. */
  titleOf(result: T): string
  /** Throws a ForkwiseError where the folder is damaged. */
  read(dir: string): Promise<ClassReading<T>>
}

/** What was read of a folder. */
export interface ClassReading<T> {
  readonly result: T
  /** False where the run was ended before its time. */
  readonly isComplete: boolean
}

/** One run of somebody in a class, who is called as {@link readerNames} says. */
export interface ClassRun<T> {
  readonly who: string
  readonly result: T
}

/** The runs of a class, and the folders that hold none that counts. */
export interface Class<T> {
  readonly runs: readonly ClassRun<T>[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Reads the runs of a class: each folder that is named, and those in it at any level, each once. Unfinished and damaged ones
 * are left out, by name. Throws one RESULT_INVALID error for every folder that holds nothing of the kind, and when nothing is left.
 */
export async function readClass<T>(dirs: readonly string[], kind: ClassKind<T>): Promise<Class<T>> {
  const problems = new ProblemList()
  const read: { readonly dir: string; readonly result: T }[] = []
  const known = new Set<string>()
  const leftOut: LeftOut[] = []
  for (const dir of dirs) {
    const found = addProblems(problems, () => foldersIn(dir, kind))
    if (found === null) continue
    for (const path of found.unreadable.filter((each) => isNew(known, each)))
      leftOut.push({ dir: path, why: 'it has no manifest.json that can be read' })
    if (found.folders.length + found.unreadable.length === 0)
      problems.add(`Expected ${resolve(dir)} to be or to hold the folder of a ${kind.what}, got none.`)
    for (const folder of found.folders.filter((each) => isNew(known, each))) {
      const reading = await readingOf(folder, kind)
      if ('why' in reading) leftOut.push(reading)
      else read.push({ dir: realpathSync(folder), result: reading.result })
    }
  }
  if (read.length === 0) {
    for (const { dir, why } of leftOut)
      problems.add(`Expected ${dir} to be the whole folder of a ${kind.what}: ${why}.`)
  }
  problems.throwIfAny('RESULT_INVALID')
  const names = readerNames(read.map(({ dir, result }) => ({ dir, title: kind.titleOf(result) })))
  return { runs: read.map(({ result }, index) => ({ who: names[index] ?? '', result })), leftOut }
}

/** Whether a folder was not met before, by whatever path; now it is known. */
function isNew(known: Set<string>, dir: string): boolean {
  const path = realpathSync(dir)
  if (known.has(path)) return false
  known.add(path)
  return true
}

/** Says on the terminal which folders are not in a class. */
export function noteLeftOut(leftOut: readonly LeftOut[], terminal: Pick<Terminal, 'note' | 'style'>): void {
  for (const { dir, why } of leftOut) terminal.note(terminal.style('warn', `Left out: ${dir}: ${why}.`))
}

async function readingOf<T>(dir: string, kind: ClassKind<T>): Promise<ClassReading<T> | LeftOut> {
  try {
    const reading = await kind.read(dir)
    return reading.isComplete ? reading : { dir, why: 'its run was ended before its time' }
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    return { dir, why: thrown.problems.map(({ message }) => message.replace(/\.$/, '')).join('; ') }
  }
}

/** Levels below a folder that are searched: a class, its readers, their results, the labs of a run. */
const LEVELS = 4

/** The folders of the kind, and those of a run of which nobody can tell the kind; nothing is searched within a run. */
function foldersIn(
  dir: string,
  { isFolder }: Pick<ClassKind<unknown>, 'isFolder'>,
  levels: number = LEVELS,
): { readonly folders: readonly string[]; readonly unreadable: readonly string[] } {
  if (isFolder(dir)) return { folders: [dir], unreadable: [] }
  if (isUnreadable(dir)) return { folders: [], unreadable: [dir] }
  if (levels === 0 || kindOfFolder(dir) !== null) return { folders: [], unreadable: [] }
  const inside = readdirSync(dir)
    .toSorted()
    .filter((name) => !name.startsWith('.') && name !== 'node_modules')
    .map((name) => join(dir, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .map((path) => foldersIn(path, { isFolder }, levels - 1))
  return {
    folders: inside.flatMap(({ folders }) => folders),
    unreadable: inside.flatMap(({ unreadable }) => unreadable),
  }
}

/** Whether a folder has files of a run, and no manifest that says of what kind. */
function isUnreadable(dir: string): boolean {
  const hasRun = ['manifest.json', 'seal.json', 'trials.ndjson', 'acts.ndjson'].some((name) =>
    existsSync(join(dir, name)),
  )
  return hasRun && kindOfFolder(dir) === null
}
