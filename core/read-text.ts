import { readFileSync } from 'node:fs'

/** Reads a file as text; null when it cannot be read. */
export type ReadText = (path: string) => string | null

/** Reads a file of this machine, such as those of the kernel; a file that cannot be read, for whatever reason, is not there. */
export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
