import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { quoted } from '../core/quotes.ts'

/** Why a file that an option names cannot be written, as the end of "got …"; null where nothing speaks against it. */
export function whyUnwritable(file: string): string | null {
  try {
    const folder = dirname(resolve(file))
    if (!existsSync(folder)) return `there is no folder ${folder}`
    if (!statSync(folder).isDirectory()) return `${folder} is no folder`
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return 'it is a folder'
    accessSync(existsSync(file) ? file : folder, constants.W_OK)
    return null
  } catch (thrown) {
    return messageOf(thrown)
  }
}

/** Throws FOLDER_UNWRITABLE, before anything is measured, where a file that an option names could not be written. */
export function requireWritable(file: string, option: string): void {
  const why = whyUnwritable(file)
  if (why !== null) throw unwritableFile(file, option, why)
}

/** Writes a file that an option names. Throws FOLDER_UNWRITABLE. */
export function writeOutput(file: string, text: string, option: string): void {
  requireWritable(file, option)
  try {
    writeFileSync(file, text)
  } catch (thrown) {
    throw unwritableFile(file, option, messageOf(thrown))
  }
}

function unwritableFile(file: string, option: string, why: string): ForkwiseError {
  return new ForkwiseError('FOLDER_UNWRITABLE', {
    message: `Expected \`${option}\` to name a file that can be written, got ${quoted(file)}: ${why}.`,
  })
}
