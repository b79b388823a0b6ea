import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { AppUnderTest } from '../cluster/model.ts'
import type { ProblemList } from '../core/errors.ts'
import { parseCount } from '../core/quantities.ts'
import { SUBJECT } from '../experiments/options/sets/subject.ts'
import type { OptionSpec } from './command.ts'
import type { OptionReader } from './options.ts'

/** Options that name an app of the user's own, shared by all commands that start servers. */
export const OWN_APP_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'app',
    type: 'string',
    value: 'file',
    help: SUBJECT.app.help,
  },
  {
    name: 'app-port',
    type: 'string',
    value: 'p',
    help: SUBJECT.appPort.help,
  },
  {
    name: 'start',
    type: 'string',
    value: 'command',
    help: SUBJECT.start.help,
  },
]

/** Reads which app of the user's own is meant, or null for the built-in one; what does not fit is noted. */
export function readOwnApp(options: OptionReader, problems: ProblemList): AppUnderTest | null {
  options.atMostOne(['app', 'start'])
  const app = options.text('app')
  const port = options.read<number | null>('app-port', (text, option) => parseCount(text, option, 0, 65_535), null)
  if (port !== null && app === undefined) problems.add('Expected `--app-port` only with `--app`, got it alone.')
  const command = options.text('start')
  if (command !== undefined) {
    if (command.trim() === '')
      problems.add('Expected `--start` to be a command, got none.', 'E.g. `--start "node server.js"`.')
    return { command }
  }
  if (app === undefined) return null
  const module = resolve(app)
  if (!existsSync(module)) {
    problems.add(`Expected \`--app\` to be a file, got "${app}", which does not exist in ${dirname(module)}.`)
  }
  return { module, ...(port === null ? {} : { servedBy: `${port}` }) }
}
