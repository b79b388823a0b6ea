import { existsSync } from 'node:fs'
import type { NeedsEnvironment, UnmetNeed } from './model.ts'

/** Debian's Python and its modules. */
const DEBIAN_PYTHON_FILE = /^\/usr\/(bin\/python3$|lib\/python3\/)/

/** A file that a Debian package brings, with the package. Fixed places: another Python first on PATH has no say. */
export interface SystemPart {
  readonly file: string
  readonly debianPackage: string
}

/**
 * Those parts that are not on this machine, as unmet needs of a model. What belongs to Debian's Python is not looked for
 * when another interpreter is to run the model: that is asked itself.
 */
export function unmetParts(
  parts: readonly SystemPart[],
  { python }: Pick<NeedsEnvironment, 'python'> = {},
): readonly UnmetNeed[] {
  return parts
    .filter(({ file }) => python === undefined || !DEBIAN_PYTHON_FILE.test(file))
    .filter(({ file }) => !existsSync(file))
    .map(({ file, debianPackage }) => ({
      what: `the Debian package ${debianPackage} is not installed (there is no ${file})`,
      remedy: `\`npx forkwise setup\`, or \`apt-get install ${debianPackage}\``,
    }))
}
