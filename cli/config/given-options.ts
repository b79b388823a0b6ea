import { ProblemList } from '../../core/errors.ts'
import { type ConfiguredCommand, configuredOptions } from '../../experiments/options/configuration.ts'
import type { GivenOptions } from '../../experiments/options/given.ts'
import type { OptionSet } from '../../experiments/options/option.ts'
import type { Invocation, OptionSpec } from '../command.ts'
import { wordsToOptions } from '../option-words.ts'
import { readConfig } from './config-file.ts'

/** The option of every command that reads the configuration. */
export const CONFIG_OPTION: OptionSpec = {
  name: 'config',
  type: 'string',
  value: 'file',
  help: 'A configuration, or "none". Default: forkwise.config.js, .ts, .json, .mjs, .cjs, .mts or .cts of the current folder, if there is one. Options win over it.',
}

/** The options of a command from its line and from the configuration. */
export interface CommandOptions {
  readonly given: GivenOptions
  /** Absolute path of the configuration; null where there was none. */
  readonly config: string | null
  /** Problems so far; more may be found when the options are read. */
  readonly problems: ProblemList
}

/**
 * The options that the words of a command line give, completed by the configuration. Throws USAGE when it cannot be
 * loaded.
 */
export async function giveOptions(
  command: ConfiguredCommand,
  set: OptionSet,
  invocation: Invocation,
): Promise<CommandOptions> {
  const problems = new ProblemList()
  const words = wordsToOptions(set, invocation, problems)
  const { config } = invocation.values
  const loaded = await readConfig(typeof config === 'string' ? config : undefined)
  if (loaded === null) return { given: words, config: null, problems }
  invocation.terminal.note(`Configuration: ${loaded.label} (the command line wins over it).`)
  const { given, outdated } = configuredOptions(command, loaded, problems)
  if (outdated.length > 0) {
    invocation.terminal.note(
      `  Move ${outdated.join(', ')} into \`compare: { … }\` there: at the top, the next version will not read ${outdated.length === 1 ? 'it' : 'them'}.`,
    )
  }
  return { given: words.before(given, set), config: loaded.file, problems }
}
