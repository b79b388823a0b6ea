import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ProblemList } from '../../core/errors.ts'
import { quoted, shortened } from '../../core/quotes.ts'
import type { GivenOptions } from '../options/given.ts'

/** The user's own app as an absolute path, or null for the built-in one; a file that is not there is noted. */
export function resolveApp(app: string | undefined, given: GivenOptions, problems: ProblemList): string | null {
  if (app === undefined) return null
  if (!existsSync(app)) {
    problems.add(
      `Expected \`${given.name('app')}\` to be a file, got ${quoted(given.value('app'))}, which does not exist in ${shortened(dirname(app))}.`,
    )
  }
  return app
}
