import { join } from 'node:path'
import { EXIT, type ExitCode, ForkwiseError } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import type { LabResult } from '../../core/lab-record.ts'
import { deriveSeed } from '../../core/random.ts'
import { freshSeed } from '../../core/seed.ts'
import { loadLabs } from '../../experiments/lab/labs.ts'
import { LAB } from '../../experiments/options/sets/lab.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import { renderLabsText } from '../../report/lab/labs-text.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { Invocation } from '../command.ts'
import { wordsToOptions } from '../option-words.ts'
import { runOne } from './run-lab.ts'
import { ProblemList } from '../../core/errors.ts'

/** Runs every lab, one after the other in teaching order, each into a folder of its own; gives the exit code. */
export async function runAllLabs(invocation: Invocation): Promise<ExitCode> {
  const { terminal, json, signal, line } = invocation
  const problems = new ProblemList()
  const settings = readSettings(LAB, wordsToOptions(LAB, invocation, problems), problems)
  problems.throwIfAny('USAGE')
  const { quick = false, seed = freshSeed() } = settings
  const dir = settings.out ?? newRunDir(newRunId('labs'))
  const results: { readonly dir: string; readonly result: LabResult }[] = []
  for (const lab of await loadLabs()) {
    if (signal.aborted) break
    terminal.note(terminal.style('strong', `Lab ${lab.number}: ${lab.title}`))
    const words = [lab.id, ...line.slice(line.indexOf('all') + 1)].filter(
      (word, index, all) => word !== '--out' && all[index - 1] !== '--out',
    )
    results.push(
      await runOne(
        {
          lab,
          quick,
          seed: deriveSeed(seed, lab.id),
          change: null,
          predictions: {},
          out: join(dir, `${String(lab.number).padStart(2, '0')}-${lab.id}`),
        },
        { ...invocation, line: ['lab', ...words] },
      ),
    )
  }
  if (signal.aborted)
    throw new ForkwiseError('INTERRUPTED', { message: `Interrupted. What was finished is kept in ${dir}.` })
  terminal.result(
    json
      ? resultJson({ schema: 'forkwise/lab-results@1', dir, labs: results.map(({ result }) => result) }, 2)
      : renderLabsText(
          results.map(({ result }) => result),
          { columns: terminal.columns, style: (kind, text) => terminal.style(kind, text), folder: dir },
        ),
  )
  return EXIT.ok
}
