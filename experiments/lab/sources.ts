import { existsSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { PROGRAMS_FOLDER, programPath } from './program-run.ts'

/** A program of a lab, to be read. */
export interface ProgramSource {
  /** In the package, with `/` between its folders. */
  readonly path: string
  readonly text: string
}

/** The source of a program as it was written; as it was compiled in an installed package, which has nothing else. */
export function programSource(program: string): ProgramSource {
  const written = join(PACKAGE_ROOT, PROGRAMS_FOLDER, program)
  const path = existsSync(written) ? written : programPath(program)
  return { path: relative(PACKAGE_ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }
}
