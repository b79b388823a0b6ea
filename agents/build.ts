import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { compiled, PACKAGE_ROOT } from '../core/paths.ts'

/** What makes a load: two hosts must agree in all of it, or they would send different ones. */
const FOLDERS = ['core', 'loadtest', 'agents'] as const

/**
 * A hash of the programs that make a load, below the root of a build, and of the packages that they are to use: the same on
 * every host that would send the same.
 */
export function buildHash(root: string = compiled('.')): string {
  const hash = createHash('sha256')
  for (const folder of FOLDERS) {
    for (const file of programsIn(join(root, folder)).toSorted()) {
      hash.update(`${relative(root, file)}\0`).update(readFileSync(file))
    }
  }
  const { dependencies } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: unknown
  }
  return hash.update(JSON.stringify(dependencies)).digest('hex').slice(0, 16)
}

function programsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map(({ parentPath, name }) => join(parentPath, name))
}
