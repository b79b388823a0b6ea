import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { ForkwiseError, ProblemList } from '../core/errors.ts'

/** What a class is made of: `what` as in "the folder of a lab", and how such a folder is known and read. */
export interface ClassKind<T> {
  readonly what: string
  isFolder(dir: string): boolean
  read(dir: string): Promise<T>
}

/** One run of somebody in a class, who is called as the folder that was named. */
export interface ClassRun<T> {
  readonly who: string
  readonly result: T
}

/**
 * Reads the runs of a class: each folder that is named, or those right in it. Throws one RESULT_INVALID error for all that
 * cannot be read.
 */
export async function readClass<T>(dirs: readonly string[], kind: ClassKind<T>): Promise<ClassRun<T>[]> {
  const problems = new ProblemList()
  const runs: ClassRun<T>[] = []
  for (const dir of dirs) {
    try {
      const folders = foldersIn(dir, kind)
      if (folders.length === 0)
        problems.add(`Expected ${resolve(dir)} to be or to hold the folder of a ${kind.what}, got none.`)
      for (const folder of folders) runs.push({ who: basename(resolve(dir)), result: await kind.read(folder) })
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const { message, hint } of thrown.problems) problems.add(message, hint)
    }
  }
  problems.throwIfAny('RESULT_INVALID')
  return runs
}

function foldersIn(dir: string, { isFolder }: Pick<ClassKind<unknown>, 'isFolder'>): string[] {
  if (isFolder(dir)) return [dir]
  return readdirSync(dir)
    .toSorted()
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isDirectory() && isFolder(path))
}
