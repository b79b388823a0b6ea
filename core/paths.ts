import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the package (the one that holds package.json), the same from source and from dist/. */
export const PACKAGE_ROOT: string = findPackageRoot(dirname(fileURLToPath(import.meta.url)))

/** Whether the package is a checkout of the repository, which has its sources, and no installed one. */
export const IN_CHECKOUT: boolean = existsSync(join(PACKAGE_ROOT, 'tsconfig.json'))

const BUILD = import.meta.url.endsWith('.ts')
  ? join(PACKAGE_ROOT, 'dist')
  : join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Absolute path of a compiled program of ours, e.g. `compiled('server/main.js')`: of the same build as the caller, so
 * that a run stays with the build that it was started from. Measured processes always run compiled JavaScript, also when
 * the caller runs from source (as the tests do).
 */
export function compiled(file: string): string {
  return join(BUILD, file)
}

function findPackageRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error('Expected a package.json above core/, found none.')
  return findPackageRoot(parent)
}
