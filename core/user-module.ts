import { pathToFileURL } from 'node:url'

/**
 * Imports a module that the user wrote. TypeScript goes through jiti, since Node 20 cannot read it; newer versions get the
 * same, so that all are alike. Throws what the module throws.
 */
export async function importUserModule(file: string): Promise<{ readonly default?: unknown }> {
  const address = pathToFileURL(file).href
  if (!/\.[cm]?ts$/.test(file)) return (await import(address)) as { default?: unknown }
  const { createJiti } = await import('jiti')
  const module = await createJiti(address, { fsCache: false, interopDefault: false }).import<object>(file)
  // `export =` gives what it exports itself.
  return file.endsWith('.cts') && !('default' in module) ? { default: module } : module
}
