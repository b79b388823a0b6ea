import { readdirSync } from 'node:fs'
import { requireKnown } from '../../core/names.ts'
import type { Lab } from './lab.ts'

const FOLDER = new URL('./labs/', import.meta.url)
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** The names of all labs, in alphabetical order: one file each in experiments/lab/labs/. */
export function labIds(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(`.${EXTENSION}`) && !file.endsWith('.d.ts'))
    .map((file) => file.slice(0, -EXTENSION.length - 1))
    .toSorted()
}

/** All labs in teaching order. */
export async function loadLabs(): Promise<readonly Lab[]> {
  const labs = await Promise.all(labIds().map(load))
  return labs.toSorted((a, b) => a.number - b.number)
}

/** A lab by its name; throws UNKNOWN_NAME when there is none. */
export async function loadLab(id: string): Promise<Lab> {
  requireKnown('a lab', [id], labIds())
  return load(id)
}

async function load(id: string): Promise<Lab> {
  const module = (await import(new URL(`${id}.${EXTENSION}`, FOLDER).href)) as { lab?: Lab }
  if (module.lab?.id !== id) {
    throw new Error(`Expected experiments/lab/labs/${id} to export \`lab\` with that id, got "${module.lab?.id}".`)
  }
  return module.lab
}
