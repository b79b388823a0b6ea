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

/** The first of some files in `.tools` that is there; null when none is. */
export function findTool(...paths: readonly string[]): string | null {
  return paths.map(toolFile).find((path) => existsSync(path)) ?? null
}

/** What is unmet when something that `npm run setup:system` brings was not found; nothing when it was. */
export function needTool(what: string, found: string | null): UnmetNeed[] {
  return found === null ? [{ what: `${what} is not installed`, remedy: '`npm run setup:system` brings it.' }] : []
}
