import { EXIT, type ExitCode } from '../../core/errors.ts'
import { loadLab } from '../../experiments/lab/labs.ts'
import { programSource } from '../../experiments/lab/sources.ts'
import type { Invocation } from '../command.ts'

/** Prints the programs of a lab, and the functions of the app that they measure; gives the exit code. */
export async function printSources(id: string, { terminal, json }: Invocation): Promise<ExitCode> {
  const { programs } = await loadLab(id)
  const sources = programs.map(programSource)
  terminal.result(
    json
      ? JSON.stringify({ schema: 'forkwise/lab-sources@1', lab: id, programs: sources }, null, 2)
      : sources
          .map(
            ({ path, text }) =>
              `${terminal.style('accent', `${path.endsWith('.py') ? '#' : '//'} ${path}`)}\n${text.trimEnd()}\n`,
          )
          .join('\n'),
  )
  return EXIT.ok
}
