import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'
import { importUserModule } from '../../core/user-module.ts'
import { oddityOf } from '../../store/regular-file.ts'
import type { Configuration } from '../../experiments/options/configuration.ts'

/** Names that a configuration is looked for by, in the current folder. */
export const CONFIG_NAMES = [
  'forkwise.config.js',
  'forkwise.config.mjs',
  'forkwise.config.cjs',
  'forkwise.config.ts',
  'forkwise.config.mts',
  'forkwise.config.cts',
  'forkwise.config.json',
] as const

/** A configuration that was loaded, not checked yet. */
export interface LoadedConfig extends Configuration {
  /** Absolute path. */
  readonly file: string
}

/**
 * Reads the configuration that `--config` names, or the one in the current folder; null where there is none or it is
 * `none`. Throws USAGE when it cannot be loaded.
 */
export async function readConfig(asked: string | undefined, cwd: string = process.cwd()): Promise<LoadedConfig | null> {
  if (asked === 'none') return null
  const file = asked === undefined ? findConfig(cwd) : resolve(cwd, asked)
  if (file === null) return null
  const oddity = oddityOf(file)
  if (oddity !== null) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`--config\` to be a file, got ${quoted(asked ?? file)}, ${oddity}.`,
      hint: 'Make one with `forkwise init`, or give `--config none` to use none.',
    })
  }
  const label = relative(cwd, file).startsWith('..') ? file : relative(cwd, file)
  return { file, label, dir: dirname(file), value: withSetupFile(await loadValue(file, label), file) }
}

/** A setup that is written into the configuration is kept as the file that has it: that can be recorded, and read again. */
function withSetupFile(value: unknown, file: string): unknown {
  if (typeof value !== 'object' || value === null || !('setup' in value)) return value
  return typeof value.setup === 'function' ? { ...value, setup: file } : value
}

function findConfig(dir: string): string | null {
  const found = CONFIG_NAMES.filter((name) => existsSync(join(dir, name)))
  if (found.length > 1) {
    throw new ForkwiseError('USAGE', {
      message: `Expected one configuration in ${dir}, got ${found.join(' and ')}.`,
      hint: 'Remove the others, or choose with `--config FILE`.',
    })
  }
  return found[0] === undefined ? null : join(dir, found[0])
}

/** What a JSON file holds, or what a module exports by default. Throws USAGE when it cannot be loaded; `label` names it. */
export async function loadValue(file: string, label: string): Promise<unknown> {
  try {
    if (basename(file).endsWith('.json'))
      return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as unknown
    const module = await importUserModule(file)
    if (module.default !== undefined) return module.default
  } catch (thrown) {
    throw new ForkwiseError(
      'USAGE',
      { message: `Expected ${label} to load, got: ${messageOf(thrown)}.`, hint: `See ${file}.` },
      { cause: thrown },
    )
  }
  throw new ForkwiseError('USAGE', {
    message: `Expected ${label} to export something by default, got no default export.`,
    hint: 'Write `export default { … }`, or `module.exports = { … }` in CommonJS.',
  })
}
