import { pathToFileURL } from 'node:url'
import { compiled } from '../../core/paths.ts'

/** The variables that have every Node process of a launch load one of the programs of this folder first. */
export function preloading(program: 'crash-at-boot' | 'leak'): Record<string, string> {
  const option = `--import=${pathToFileURL(compiled(`cluster/faults/${program}.js`)).href}`
  const own = process.env['NODE_OPTIONS'] ?? ''
  return { NODE_OPTIONS: own === '' ? option : `${own} ${option}` }
}
