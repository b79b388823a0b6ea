import { isatty } from 'node:tty'
import { incidentOf } from '../../analysis/drill/score.ts'
import type { DrillResult } from '../../core/drill-record.ts'
import { EXIT, type ExitCode, ForkwiseError, messageOf, type ProblemList } from '../../core/errors.ts'
import type { Drill } from '../../experiments/drill/drill.ts'
import { prepareDrill } from '../../experiments/drill/prepare.ts'
import { idleS, recordReferences } from '../../experiments/drill/proof.ts'
import { readDrill } from '../../experiments/drill/request.ts'
import { analyseDrillRecording } from '../../experiments/drill/result.ts'
import { type DrillOutcome, runDrill } from '../../experiments/drill/run.ts'
import { DRILL } from '../../experiments/options/sets/drill.ts'
import { DRILL_FORMATS, writeDrillReports } from '../../report/drill/folder.ts'
import { renderDrillText } from '../../report/drill/text.ts'
import { DrillFolder, readDrillFolder } from '../../store/drill-folder.ts'
import type { WhichTexts } from '../../store/folder.ts'
import type { Invocation, Terminal } from '../command.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { narrateLive } from '../live-option.ts'
import { wordsToOptions } from '../option-words.ts'
import { askDiagnosis } from './diagnosis.ts'
import { DrillNarrator } from './narrator.ts'

/** What a recording of the references takes beside doing nothing, about: a start, a healthy time and the fix, in seconds. */
const REFERENCE_FIX_S = 20

/** Runs the drill that was named until it is over, asks for the diagnosis, and prints score and debrief; gives the exit code. */
export async function runNamedDrill(invocation: Invocation, problems: ProblemList): Promise<ExitCode> {
  const { terminal, json, signal, line } = invocation
  const { request, mayAsk, recordsReferences } = await readDrill(wordsToOptions(DRILL, invocation, problems), problems)
  problems.throwIfAny('USAGE')
  const { drill } = request
  const prepared = await prepareDrill(request, (seed) => reproducingCommand(line, seed, null))
  const narrator = new DrillNarrator(terminal, { revealed: request.reveal })
  const outcome = await narrateLive(() => runDrill(prepared, signal), invocation, {
    onEvent: (event) => narrator.take(event),
  })
  const { dir } = outcome
  if (dir === null) throw new ForkwiseError('INTERNAL', { message: 'Expected the drill to be kept, got no folder.' })
  const asks = mayAsk && !json && isatty(0) && terminal.interactive
  await finish(drill, outcome, DrillFolder.open(dir), {
    answers: asks ? () => askDiagnosis(drill.questions, terminal, signal) : null,
    recordsReferences,
    terminal,
    signal,
  })
  const result = await analyseDrillRecording(readDrillFolder(dir))
  DrillFolder.open(dir).finish(result)
  writeDrillReports(dir, result, 'all')
  printDrill(result, dir, { terminal, json })
  return exitCodeOf(result)
}

/** Asks for the diagnosis where there is none, while the references are recorded. */
async function finish(
  drill: Drill,
  { recording, end, beganMs }: DrillOutcome,
  folder: DrillFolder,
  options: {
    readonly answers: (() => Promise<Readonly<Record<string, string>>>) | null
    readonly recordsReferences: boolean
    readonly terminal: Terminal
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { answers, recordsReferences, terminal, signal } = options
  const isScored = recordsReferences && end !== 'checker-failed'
  const lengthS = incidentOf(recording).length
  if (isScored) {
    terminal.note(
      `For the score, doing nothing and the reference fix are played on this machine: about ${idleS(drill, lengthS) + REFERENCE_FIX_S} s.`,
    )
  }
  const references = isScored
    ? recordReferences(drill, { seed: recording.manifest.seed, lengthS }, signal).catch((thrown: unknown) => {
        if (signal.aborted) throw thrown
        terminal.note(terminal.style('warn', `There are no points, since that failed: ${messageOf(thrown)}`))
        return null
      })
    : Promise.resolve(null)
  references.catch(() => undefined)
  const named = recording.acts.some(({ kind }) => kind === 'diagnosed')
  if (answers !== null && !named && end !== 'checker-failed') {
    const given = await answers()
    const atS = (performance.now() - beganMs) / 1000
    folder.appendAct({ kind: 'diagnosed', schema: 'forkwise/drill-act@1', atS, answers: given })
  }
  const found = await references
  if (found !== null) folder.writeReferences(found)
}

/** Reads the folder of a drill, writes its texts, all or those that are missing, and prints the result; gives the exit code. */
export async function reportDrill(
  dir: string,
  { terminal, json, format }: { terminal: Terminal; json: boolean; format: string | undefined },
  which: WhichTexts,
): Promise<ExitCode> {
  const recording = readDrillFolder(dir)
  for (const note of recording.notes) terminal.note(note)
  const result = await analyseDrillRecording(recording)
  if (format !== undefined) {
    terminal.result((DRILL_FORMATS[format]?.(result) ?? '').trimEnd())
    return EXIT.ok
  }
  writeDrillReports(recording.dir, result, which)
  printDrill(result, recording.dir, { terminal, json })
  return EXIT.ok
}

/** 0 when it was solved, 4 when its goal could not be checked, 5 when the goal was not met. */
function exitCodeOf({ end }: DrillResult): ExitCode {
  if (end === 'solved') return EXIT.ok
  return end === 'checker-failed' ? EXIT.trial : EXIT.threshold
}

function printDrill(
  result: DrillResult,
  dir: string,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): void {
  const style: Terminal['style'] = (kind, text) => terminal.style(kind, text)
  terminal.result(
    json ? JSON.stringify(result, null, 2) : renderDrillText(result, { columns: terminal.columns, style, folder: dir }),
  )
}
