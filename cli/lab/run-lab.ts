import { EXIT, type ExitCode, type ProblemList } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { freshSeed } from '../../core/seed.ts'
import { loadLab } from '../../experiments/lab/labs.ts'
import { prepareLab, readChange, readPredictions } from '../../experiments/lab/prepare.ts'
import { runLab } from '../../experiments/lab/run.ts'
import { LAB } from '../../experiments/options/sets/lab.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import { renderLabText } from '../../report/lab/text.ts'
import type { Invocation } from '../command.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { narrate } from '../narration.ts'
import { wordsToOptions } from '../option-words.ts'

/** Runs the lab that was named and prints what it came to; gives the exit code. */
export async function runNamedLab(invocation: Invocation, problems: ProblemList): Promise<ExitCode> {
  const { terminal, json, signal } = invocation
  const settings = readSettings(LAB, wordsToOptions(LAB, invocation, problems), problems)
  const lab = await loadLab(settings.name ?? '')
  const { quick = false, seed = freshSeed(), out = null, predict, set = [] } = settings
  const predictions = predict === undefined ? {} : readPredictions(predict, lab.asks, problems)
  const change = readChange(set, lab, problems)
  problems.throwIfAny('USAGE')
  const reproduce = (used: number): string => reproducingCommand(invocation.line, used, null)
  const prepared = await prepareLab({ lab, quick, seed, change, predictions, out }, reproduce)
  const { dir, result } = await narrate(runLab(prepared, signal), terminal)
  terminal.result(
    json
      ? resultJson(result, 2)
      : renderLabText(result, {
          columns: terminal.columns,
          style: (kind, text) => terminal.style(kind, text),
          folder: dir,
        }),
  )
  return EXIT.ok
}
