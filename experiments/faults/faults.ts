import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ForkwiseError } from '../../core/errors.ts'
import type { Fault } from './fault.ts'

const FOLDER = join(import.meta.dirname, 'kinds')

/** From what happens most to what happens least; those that are not named come last. */
const ORDER: readonly string[] = ['reload', 'kill', 'freeze', 'block-loop', 'boot-crash', 'leak', 'overload']

let loaded: Promise<readonly Fault[]> | null = null

/** The ids of all faults, without loading them: the names of the files of experiments/faults/kinds/. */
export function faultIds(): string[] {
  return readdirSync(FOLDER)
    .map((file) => /^([a-z0-9-]+)\.(?:js|ts)$/.exec(file)?.[1])
    .filter((id) => id !== undefined)
    .toSorted((a, b) => placeOf(a) - placeOf(b))
}

/** Loads every fault, in that order. */
export function loadFaults(): Promise<readonly Fault[]> {
  loaded ??= Promise.all(faultIds().map(loadFault))
  return loaded
}

function placeOf(id: string): number {
  const place = ORDER.indexOf(id)
  return place === -1 ? ORDER.length : place
}

async function loadFault(id: string): Promise<Fault> {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js'
  const { default: fault } = (await import(pathToFileURL(join(FOLDER, `${id}.${extension}`)).href)) as {
    default?: Fault
  }
  if (fault?.id === id) return fault
  throw new ForkwiseError('INTERNAL', {
    message: `Expected experiments/faults/kinds/${id}.${extension} to export a fault with the id \`${id}\` by default, got \`${fault?.id}\`.`,
  })
}
