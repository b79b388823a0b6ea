import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { IN_CHECKOUT, PACKAGE_ROOT } from '../core/paths.ts'
import type { UnmetNeed } from './model.ts'

/**
 * Where `forkwise setup` puts npm packages that are too large or too new to be dependencies: in `.tools` of a checkout.
 * An installed package is replaced with every update and may not be writable, so its tools belong to the user.
 */
export const TOOLS_FOLDER: string = IN_CHECKOUT
  ? join(PACKAGE_ROOT, '.tools')
  : join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'forkwise', 'tools')

/** A file of a package among the tools, whether it is there or not. */
export function toolFile(path: string): string {
  return join(TOOLS_FOLDER, 'node_modules', path)
}

/** The first of some files among the tools that is there; null when none is. */
export function findTool(...paths: readonly string[]): string | null {
  return paths.map(toolFile).find((path) => existsSync(path)) ?? null
}

/** What is unmet when something that `forkwise setup` brings was not found; nothing when it was. */
export function needTool(what: string, found: string | null): UnmetNeed[] {
  return found === null ? [{ what: `${what} is not installed`, remedy: '`npx forkwise setup` brings it.' }] : []
}
