import { readdirSync } from 'node:fs'
import { basename, extname } from 'node:path'

/**
 * Reads a folder in which one file is one thing: imports each module beside its kind (`.ts` from source, `.js` when
 * compiled) and returns what it exports under `exportName`, by id. Throws when an id is not its file's name.
 */
export async function loadFolder<T extends { readonly id: string }>(
  folder: URL,
  exportName: string,
): Promise<ReadonlyMap<string, T>> {
  const things = new Map<string, T>()
  for (const file of moduleFiles(folder)) {
    const thing = await loadFile<T>(folder, file, exportName)
    things.set(thing.id, thing)
  }
  return things
}

/** Imports the one file of the folder that bears the id, so that nothing else is loaded; undefined without one. */
export async function loadFromFolder<T extends { readonly id: string }>(
  folder: URL,
  id: string,
  exportName: string,
): Promise<T | undefined> {
  const file = moduleFiles(folder).find((name) => idOf(name) === id)
  return file === undefined ? undefined : loadFile<T>(folder, file, exportName)
}

async function loadFile<T extends { readonly id: string }>(folder: URL, file: string, exportName: string): Promise<T> {
  const module = (await import(new URL(file, folder).href)) as Partial<Record<string, T>>
  const thing = module[exportName]
  if (thing?.id !== idOf(file)) {
    throw new Error(`Expected ${file} to export \`${exportName}\` with the id "${idOf(file)}", got "${thing?.id}".`)
  }
  return thing
}

function moduleFiles(folder: URL): string[] {
  const extension = extname(import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith(extension) && !file.endsWith('.d.ts'))
    .sort()
}

function idOf(file: string): string {
  return basename(file, extname(file))
}
