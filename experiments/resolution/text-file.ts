import type { ProblemList } from '../../core/errors.ts'
import { readRegularFile, UnreadableFile } from '../../store/regular-file.ts'

/** The text of a file, without a byte order mark; null, with what is wrong noted under `name`, where it cannot be read. */
export function readText(path: string, name: string, problems: ProblemList): string | null {
  try {
    const bytes = readRegularFile(path)
    if (bytes !== null) return bytes.toString('utf8').replace(/^\uFEFF/, '')
    problems.add(`Expected \`${name}\` to be a file, got ${path}, where there is none.`)
  } catch (thrown) {
    if (!(thrown instanceof UnreadableFile)) throw thrown
    problems.add(`Expected \`${name}\` ${path} to be ${thrown.message}.`)
  }
  return null
}
