import { existsSync, realpathSync } from 'node:fs'
import Module from 'node:module'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ForkwiseError } from '../../core/errors.ts'
import { appError } from './app-error.ts'

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>

/** What Node does with the file on its command line; not documented, but what many programs that wrap others rely on. */
const { runMain } = Module as unknown as { runMain?: (file: string) => void }

const IS_NODE = process.versions['bun'] === undefined && process.versions['deno'] === undefined

/**
 * Runs the user's app as `node FILE` would: as the main module (`require.main`, `import.meta.main`), with its own
 * `process.argv`, in the current folder. Resolves with its exports once it has been evaluated, its top-level `await`
 * included. Throws APP_INVALID, the cause the app's own error, when there is no such file or it throws.
 */
export async function runAsMain(file: string, loader: string | null): Promise<Exports> {
  requireFile(file)
  process.argv.splice(1, process.argv.length, realpathSync(file))
  return evaluate(file, async () => {
    if (loader !== null) await import(loader)
    // Bun and Deno have it for CommonJS alone.
    if (runMain !== undefined && (IS_NODE || extname(file) === '.cjs')) runMain(file)
    return importedFrom(file)
  })
}

/** Imports the user's app beside the process that serves it: what the threads and processes of a pool need of it. */
export async function importApp(file: string, loader: string | null): Promise<Exports> {
  requireFile(file)
  return evaluate(file, async () => {
    if (loader !== null) await import(loader)
    return importedFrom(file)
  })
}

/** The same instance that has run as the main module: both kinds of modules are kept by their real path. */
async function importedFrom(file: string): Promise<Exports> {
  return (await import(pathToFileURL(realpathSync(file)).href)) as Record<string, unknown>
}

function requireFile(file: string): void {
  if (existsSync(file)) return
  throw new ForkwiseError('APP_INVALID', {
    message: `Expected the app module ${file} to exist; there is no such file.`,
  })
}

async function evaluate(file: string, run: () => Promise<Exports>): Promise<Exports> {
  try {
    return await run()
  } catch (thrown) {
    throw appError(file, thrown, 'was loaded')
  }
}
