import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ForkwiseError } from '../../core/errors.ts'
import type { Fault } from './fault.ts'

const FOLDER = join(import.meta.dirname, 'kinds')

let loaded: Promise<readonly Fault[]> | null = null

/** Loads every fault: the files of experiments/faults/kinds/, whose default export has the file's name as id. */
export function loadFaults(): Promise<readonly Fault[]> {
  loaded ??= Promise.all(
    readdirSync(FOLDER)
      .map((file) => /^([a-z0-9-]+)\.(?:js|ts)$/.exec(file)?.[1])
      .filter((id) => id !== undefined)
      .map(loadFault),
  ).then((faults) => faults.toSorted((a, b) => ORDER.indexOf(a.id) - ORDER.indexOf(b.id)))
  return loaded
}

/** From what happens most to what happens least; those that are not named come first. */
const ORDER: readonly string[] = ['reload', 'kill', 'stop', 'boot-crash', 'memory', 'overload']

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
