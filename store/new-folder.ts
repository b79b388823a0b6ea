import { readdirSync } from 'node:fs'
import { ForkwiseError } from '../core/errors.ts'
import { makeFolders } from '../core/folders.ts'
import { unwritable } from './unwritable.ts'

/**
 * Makes the folder of a new run. Throws FOLDER_UNWRITABLE when it cannot be made or read, USAGE with the hint when it
 * already holds something.
 */
export function makeNewFolder(path: string, hint = 'Choose another folder.'): void {
  let held: string[]
  try {
    makeFolders(path)
    held = readdirSync(path)
  } catch (thrown) {
    throw unwritable(path, thrown)
  }
  if (held.length === 0) return
  throw new ForkwiseError('USAGE', {
    message: `Expected \`--out\` to be a new or empty folder, got ${path}, which holds files.`,
    hint,
  })
}
