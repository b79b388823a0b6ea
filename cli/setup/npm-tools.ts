import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../cluster/programs.ts'
import { toolFile, TOOLS_FOLDER } from '../../cluster/tools.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { makeFolders } from '../../core/folders.ts'

/** An npm package that is too large or too new to be a dependency. */
export interface NpmTool {
  readonly name: string
  /** The version that is wanted: all of it, or its first number. */
  readonly wanted: string
}

/** Watt and its part for Node apps are released together but not always published together: they must be of one version. */
export const NPM_TOOLS: readonly NpmTool[] = [
  { name: 'node', wanted: '24' },
  { name: 'wattpm', wanted: '3.65.0' },
  { name: '@platformatic/node', wanted: '3.65.0' },
  { name: 'bun', wanted: '1' },
  { name: 'deno', wanted: '2' },
]

/** The version of a tool that is installed and is the one that is wanted; null when there is none. */
export function installedVersion({ name, wanted }: NpmTool): string | null {
  const file = toolFile(join(name, 'package.json'))
  if (!existsSync(file)) return null
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return version === wanted || version.startsWith(`${wanted}.`) ? version : null
}

/**
 * Installs all tools with npm into the folder of tools; its output goes to stderr. Throws FOLDER_UNWRITABLE when that
 * folder cannot be made, and PART_MISSING when npm is missing or fails.
 */
export async function installTools(signal: AbortSignal): Promise<void> {
  if (findProgram('npm') === null) {
    throw new ForkwiseError('PART_MISSING', {
      message: 'Expected npm on the PATH to install tools, got none.',
      hint: 'It comes with Node.',
    })
  }
  try {
    makeFolders(TOOLS_FOLDER)
    const file = join(TOOLS_FOLDER, 'package.json')
    if (!existsSync(file)) writeFileSync(file, '{ "private": true }\n')
  } catch (thrown) {
    throw new ForkwiseError('FOLDER_UNWRITABLE', {
      message: `Expected to be able to write to ${TOOLS_FOLDER}, got: ${messageOf(thrown)}.`,
      hint: 'An installed Forkwise puts its tools below $XDG_DATA_HOME, or ~/.local/share.',
    })
  }
  const specs = NPM_TOOLS.map(({ name, wanted }) => `${name}@${wanted}`)
  const words = ['install', '--prefix', TOOLS_FOLDER, '--no-audit', '--no-fund', '--save-exact', ...specs]
  const [code] = (await once(spawn('npm', words, { stdio: ['ignore', 2, 2], signal }), 'exit')) as [number | null]
  if (code === 0) return
  throw new ForkwiseError('PART_MISSING', {
    message: `Expected npm to install ${specs.join(', ')}, got exit code ${code ?? 'none'}; its output is above.`,
    hint: `Try it by hand: \`npm ${words.join(' ')}\`.`,
  })
}
