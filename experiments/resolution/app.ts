import { dirname } from 'node:path'
import type { AppUnderTest } from '../../cluster/model.ts'
import type { ProblemList } from '../../core/errors.ts'
import { quoted, shortened } from '../../core/quotes.ts'
import { oddityOf } from '../../store/regular-file.ts'
import type { GivenOptions } from '../options/given.ts'
import type { CompareSettings } from '../options/options.ts'
import type { SettingsOf } from '../options/option.ts'
import type { SUBJECT } from '../options/sets/subject.ts'

/** The user's own app, its file as an absolute path, or null for the built-in one; a file that is not there is noted. */
export function resolveApp(
  {
    app,
    start,
    appPort,
    refs,
  }: Pick<SettingsOf<typeof SUBJECT>, 'app' | 'start' | 'appPort'> & Pick<Partial<CompareSettings>, 'refs'>,
  given: GivenOptions,
  problems: ProblemList,
): AppUnderTest | null {
  if (appPort !== undefined && app === undefined) {
    problems.add(`Expected \`${given.name('appPort')}\` only with \`${given.name('app')}\`, got it alone.`)
  }
  // Kept with the run, which may be gone on with from another folder.
  const cwd = process.cwd()
  if (app === undefined) return start === undefined ? null : { command: start, cwd }
  // What revisions are to hold need not be there now, as what a build makes.
  const oddity = oddityOf(app)
  if (oddity !== null && (refs ?? []).length < 2) {
    problems.add(
      `Expected \`${given.name('app')}\` to be a file, got ${quoted(given.value('app'))}, ${oddity} in ${shortened(dirname(app))}.`,
    )
  }
  return { module: app, cwd, ...(appPort === undefined ? {} : { servedBy: `${appPort}` }) }
}
