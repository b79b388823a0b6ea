import { isatty } from 'node:tty'
import { EXIT, type ExitCode, ForkwiseError, type ProblemList } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import type { LabResult } from '../../core/lab-record.ts'
import type { Lab } from '../../experiments/lab/lab.ts'
import { type LabRequest, prepareLab } from '../../experiments/lab/prepare.ts'
import { readLab } from '../../experiments/lab/request.ts'
import { analyseLabRecording, runLab } from '../../experiments/lab/run.ts'
import { LAB } from '../../experiments/options/sets/lab.ts'
import { LAB_FORMATS, writeLabReports } from '../../report/lab/folder.ts'
import { renderLabText } from '../../report/lab/text.ts'
import type { WhichTexts } from '../../store/folder.ts'
import { readLabRecording } from '../../store/lab-folder.ts'
import type { Invocation, Terminal } from '../command.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { narrate } from '../narration.ts'
import { wordsToOptions } from '../option-words.ts'
import { askPredictions, processKeyboard } from './questions.ts'

/** Runs the lab that was named, after asking what is expected, and prints what it came to; gives the exit code. */
export async function runNamedLab(invocation: Invocation, problems: ProblemList): Promise<ExitCode> {
  const { terminal, json, signal } = invocation
  const { request, mayAsk } = await readLab(wordsToOptions(LAB, invocation, problems), problems)
  problems.throwIfAny('USAGE')
  const asks = mayAsk && !json && isatty(0) && terminal.interactive
  const predictions = asks ? await predictionsOf(request.lab, terminal, signal) : request.predictions
  const { dir, result } = await runOne({ ...request, predictions }, invocation)
  printLab(result, dir, { terminal, json })
  return EXIT.ok
}

/** Runs a lab and writes its reports. */
export async function runOne(
  request: LabRequest,
  { terminal, signal, line }: Pick<Invocation, 'terminal' | 'signal' | 'line'>,
): Promise<{ readonly dir: string; readonly result: LabResult }> {
  const prepared = await prepareLab(request, (seed) => reproducingCommand(line, seed, null))
  const { dir, result } = await narrate(runLab(prepared, signal), terminal)
  writeLabReports(dir, result, 'all')
  return { dir, result }
}

/** Reads the folder of a lab, writes its texts, all or those that are missing, and prints the result; gives the exit code. */
export async function reportLab(
  dir: string,
  { terminal, json, format }: { terminal: Terminal; json: boolean; format: string | undefined },
  which: WhichTexts,
): Promise<ExitCode> {
  const recording = readLabRecording(dir)
  for (const note of recording.notes) terminal.note(note)
  if (!recording.isComplete) terminal.note('The lab was ended before its time: some repetitions are missing.')
  const result = await analyseLabRecording(recording)
  if (format !== undefined) {
    terminal.result((LAB_FORMATS[format]?.(result) ?? '').trimEnd())
    return EXIT.ok
  }
  writeLabReports(recording.dir, result, which)
  printLab(result, recording.dir, { terminal, json })
  return EXIT.ok
}

function printLab(
  result: LabResult,
  dir: string,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): void {
  const style: Terminal['style'] = (kind, text) => terminal.style(kind, text)
  terminal.result(
    json ? resultJson(result, 2) : renderLabText(result, { columns: terminal.columns, style, folder: dir }),
  )
}

async function predictionsOf(
  lab: Lab,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Record<string, string | number>> {
  const keyboard = processKeyboard(signal)
  try {
    const predictions = await askPredictions(lab, terminal, keyboard)
    if (signal.aborted) throw new ForkwiseError('INTERRUPTED', { message: 'Interrupted before anything was started.' })
    return predictions
  } finally {
    keyboard.close()
  }
}
