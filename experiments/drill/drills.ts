import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ForkwiseError } from '../../core/errors.ts'
import { unknownName } from '../../core/names.ts'
import type { Drill } from './drill.ts'

const FOLDER = join(import.meta.dirname, 'drills')

/** The ids of all drills, without loading them: the names of the files of experiments/drill/drills/. */
export function drillIds(): string[] {
  return readdirSync(FOLDER)
    .map((file) => /^([a-z0-9-]+)\.(?:js|ts)$/.exec(file)?.[1])
    .filter((id) => id !== undefined)
    .toSorted()
}

/** Loads every drill, in the order in which to do them. */
export async function loadDrills(): Promise<readonly Drill[]> {
  const drills = await Promise.all(drillIds().map(importDrill))
  return drills.toSorted((a, b) => a.level - b.level || a.number - b.number)
}

/** Loads one drill; throws UNKNOWN_NAME with the nearest name when there is none. */
export async function loadDrill(id: string): Promise<Drill> {
  if (drillIds().includes(id)) return importDrill(id)
  throw new ForkwiseError('UNKNOWN_NAME', unknownName('a drill', id, drillIds()))
}

async function importDrill(id: string): Promise<Drill> {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js'
  const file = pathToFileURL(join(FOLDER, `${id}.${extension}`)).href
  const { drill } = (await import(file)) as { drill?: Drill }
  if (drill?.id === id) return drill
  throw new ForkwiseError('INTERNAL', {
    message: `Expected experiments/drill/drills/${id}.${extension} to export a drill with the id \`${id}\`, got \`${drill?.id}\`.`,
  })
}
