import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { UnmetNeed } from './model.ts'

/** Where servers are installed that an ordinary user's PATH may leave out. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin']

/** Finds a program that npm cannot bring, on the PATH or where systems keep their servers; null when it is missing. */
export function findProgram(name: string, path: string = process.env['PATH'] ?? ''): string | null {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

/** What is unmet when a program is missing, with the Debian package that brings it; nothing when it is there. */
export function needProgram(name: string, debianPackage: string): UnmetNeed[] {
  if (findProgram(name) !== null) return []
  return [
    { what: `${name} is not installed`, remedy: `\`npx forkwise setup\`, or \`apt-get install ${debianPackage}\`.` },
  ]
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
