import { join } from 'node:path'

/** A program of this folder: it is loaded into the workers of a launch first, and does nothing until it is switched on. */
export type FaultProgram = 'cache' | 'crash-at-boot' | 'leak'

/** The variable that names the folder in which the programs look for their switches. */
export const FAULT_DIR_VARIABLE = 'FORKWISE_FAULT_DIR'

/** The file that switches a program on for as long as it exists. */
export function switchFile(dir: string, program: FaultProgram): string {
  return join(dir, program)
}
