import { EXIT, type ExitCode } from '../../core/errors.ts'
import { loadLabs } from '../../experiments/lab/labs.ts'
import { renderLabList } from '../../report/lab/list.ts'
import type { Invocation } from '../command.ts'

/** Prints the labs in teaching order; gives the exit code. */
export async function listLabs({ terminal, json }: Invocation): Promise<ExitCode> {
  const labs = (await loadLabs()).map(({ id, number, title, source, question, misconception, extent }) => ({
    id,
    number,
    title,
    source,
    question,
    misconception,
    expectedS: { quick: extent.quick.expectedS, full: extent.full.expectedS },
  }))
  terminal.result(
    json
      ? JSON.stringify({ schema: 'forkwise/labs@1', labs }, null, 2)
      : renderLabList(labs, { columns: terminal.columns, style: (kind, text) => terminal.style(kind, text) }),
  )
  return EXIT.ok
}
