import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and those above it that are missing, one after the other, and throws what the system says. Node's own
 * recursive `mkdir` never returns where a parent exists and yet refuses with ENOENT, as folders below /proc do.
 */
export function makeFolders(path: string): void {
  const missing: string[] = []
  for (let each = resolve(path); !existsSync(each); each = dirname(each)) missing.push(each)
  for (const each of missing.toReversed()) {
    try {
      mkdirSync(each)
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST' || !existsSync(each)) throw thrown
    }
  }
}

/** Names in a folder; none when it is not there. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
