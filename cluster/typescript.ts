import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What lets Node run an app's TypeScript. */
export interface TypeScriptLoader {
  /** Address of the module to import first. */
  readonly url: string
  readonly version: string
}

/** The tsx of the project that a TypeScript file belongs to; null for other files, and where the project has none. */
export function findLoader(module: string): TypeScriptLoader | null {
  if (!/\.[cm]?tsx?$/.test(module)) return null
  try {
    const entry = createRequire(module).resolve('tsx')
    const { version } = JSON.parse(readFileSync(packageFile(entry), 'utf8')) as { version: string }
    return { url: pathToFileURL(entry).href, version }
  } catch {
    return null
  }
}

/** `…/node_modules/tsx/package.json` of a file below it. */
function packageFile(entry: string): string {
  const at = entry.lastIndexOf(join('node_modules', 'tsx'))
  return at < 0 ? join(dirname(entry), 'package.json') : join(entry.slice(0, at), 'node_modules', 'tsx', 'package.json')
}
