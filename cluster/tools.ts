import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../core/paths.ts'
import type { UnmetNeed } from './model.ts'

/** npm packages that are too large or too new for `npm ci`, as `npm run setup:system` installs them. */
const TOOLS = join(PACKAGE_ROOT, '.tools', 'node_modules')

/** A file of a package in `.tools`, whether it is there or not. */
export function toolFile(path: string): string {
  return join(TOOLS, path)
}

/** What is unmet when none of these files in `.tools` is there; nothing when one is. */
export function needTool(what: string, ...paths: readonly string[]): UnmetNeed[] {
  if (paths.some((path) => existsSync(toolFile(path)))) return []
  return [{ what: `${what} is not installed`, remedy: '`npm run setup:system`' }]
}
