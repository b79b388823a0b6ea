import { pathToFileURL } from 'node:url'
import { compiled } from '../../core/paths.ts'
import { FAULT_DIR_VARIABLE, type FaultProgram } from './switch-file.ts'

/** The variables that have every Node process of a launch load programs of this folder first; their switches are in `dir`. */
export function preloading(programs: readonly FaultProgram[], dir: string): Record<string, string> {
  if (programs.length === 0) return {}
  const own = process.env['NODE_OPTIONS'] ?? ''
  const options = programs.map((program) => `--import=${pathToFileURL(compiled(`cluster/faults/${program}.js`)).href}`)
  return { NODE_OPTIONS: [own, ...options].filter((option) => option !== '').join(' '), [FAULT_DIR_VARIABLE]: dir }
}
