import { existsSync } from 'node:fs'
import type { UnmetNeed } from './model.ts'

/** A file that a Debian package brings, with the package. Fixed places: another Python first on PATH has no say. */
export interface SystemPart {
  readonly file: string
  readonly debianPackage: string
}

/** Those parts that are not on this machine, as unmet needs of a model. */
export function unmetParts(parts: readonly SystemPart[]): readonly UnmetNeed[] {
  return parts
    .filter(({ file }) => !existsSync(file))
    .map(({ file, debianPackage }) => ({
      what: `${file} of the Debian package ${debianPackage}`,
      remedy: `\`npm run setup:system\`, or \`apt-get install ${debianPackage}\``,
    }))
}
