import { byName, constant, object, text } from './shape.ts'
import type { JsonFile, Seal } from './stored-file.ts'

/** The checksums of a run that is over. */
export const SEAL: JsonFile<Seal> = {
  name: 'seal.json',
  tag: 'forkwise/seal@1',
  lines: false,
  shape: object<Seal>({ schema: constant('forkwise/seal@1'), files: byName(text) }),
}
