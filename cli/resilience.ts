import { analyseResilience, breaksPromise } from '../analysis/resilience/resilience.ts'
import { countText } from '../analysis/wording.ts'
import { EXIT, type ExitCode } from '../core/errors.ts'
import { resultJson } from '../core/estimate.ts'
import { formatDuration } from '../core/quantities.ts'
import type { ResilienceResult } from '../core/resilience-record.ts'
import { cellsLeft, expectedResilienceS } from '../experiments/resilience/cells.ts'
import type { PreparedResilience } from '../experiments/resilience/prepare.ts'
import { analyseResilienceRun, runResilience } from '../experiments/resilience/run.ts'
import { RESILIENCE_FORMATS, writeResilienceReports } from '../report/resilience/folder.ts'
import { renderResilienceText } from '../report/resilience/text.ts'
import { readResilienceRun, type ResilienceRun } from '../store/resilience-folder.ts'
import type { WhichTexts } from '../store/folder.ts'
import type { Invocation, Terminal } from './command.ts'
import { narrateLive } from './live-option.ts'

/** Where a result is printed. */
interface Output {
  readonly terminal: Terminal
  readonly json: boolean
}

/** Injects the faults, prints what it does, and then prints the result; gives the exit code. */
export async function injectAndReport(
  prepared: PreparedResilience,
  output: Output & Pick<Invocation, 'signal' | 'values'>,
): Promise<ExitCode> {
  const { terminal, signal } = output
  const onStarted = (): void => announce(prepared, terminal)
  const { run, result } = await narrateLive(() => runResilience(prepared, signal), output, { onStarted })
  return printResult(run, result, output, 'all')
}

/** Reads a resilience folder, writes its texts, all or those that are missing, and prints the result; gives the exit code. */
export function reportResilience(dir: string, output: Output, which: WhichTexts): ExitCode {
  const run = readResilienceRun(dir)
  return printResult(run, analyseResilienceRun(run), output, which)
}

/** Prints a resilience folder in a format; writes nothing. */
export function printResilience(dir: string, format: string, terminal: Terminal): ExitCode {
  const run = readResilienceRun(dir)
  for (const note of run.notes) terminal.note(note)
  const result = analyseResilience(run.manifest, run.rates, run.cells)
  terminal.result((RESILIENCE_FORMATS[format]?.(result, run) ?? '').trimEnd())
  return EXIT.ok
}

/** Exit code 5 when a promised clean reload failed requests, 4 when a cell failed. */
function printResult(
  run: ResilienceRun,
  result: ResilienceResult,
  { terminal, json }: Output,
  which: WhichTexts,
): ExitCode {
  writeResilienceReports(run, result, which)
  const style: Terminal['style'] = (kind, text) => terminal.style(kind, text)
  terminal.result(
    json ? resultJson(result, 2) : renderResilienceText(result, { columns: terminal.columns, style, folder: run.dir }),
  )
  if (result.failed.length > 0) return EXIT.trial
  return breaksPromise(result) ? EXIT.threshold : EXIT.ok
}

function announce({ manifest, models, faults, dir, resumed }: PreparedResilience, terminal: Terminal): void {
  const { plan, unavailable } = manifest
  const task = { plan, models, faults, finished: resumed ?? { rates: null, cells: [] } }
  const cells = cellsLeft(task).length
  terminal.note(
    `${terminal.style('strong', 'Faults')} ${plan.faults.join(', ')} under ${plan.models.join(', ')}: ${countText(plan.workers, 'worker')}, ${cells} launch${cells === 1 ? '' : 'es'}, about ${formatDuration(expectedResilienceS(task))}, into ${dir}.`,
  )
  for (const missing of unavailable) {
    terminal.note(terminal.style('warn', `${missing.model} cannot run here: ${missing.reason} ${missing.remedy}`))
  }
}
