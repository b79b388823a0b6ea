import { analyseResilience, breaksPromise } from '../analysis/resilience/resilience.ts'
import { resultJson } from '../core/estimate.ts'
import { EXIT, type ExitCode, ForkwiseError } from '../core/errors.ts'
import type { ResilienceResult } from '../core/resilience-record.ts'
import { readResilienceRun, ResilienceFolder, type ResilienceRun } from '../store/resilience-folder.ts'
import { renderResilienceHtml } from '../report/html/resilience-page.ts'
import { renderResilienceMarkdown } from '../report/resilience/markdown.ts'
import { renderResilienceText } from '../report/resilience/text.ts'
import type { Terminal } from './command.ts'

/** The formats in which the result of a resilience folder can be printed. */
export const RESILIENCE_FORMATS: Readonly<Record<string, (result: ResilienceResult, run: ResilienceRun) => string>> = {
  md: (result, run) => renderResilienceMarkdown(result, run.manifest),
  html: (result, run) => renderResilienceHtml(result, run.manifest, run.cells),
}

/**
 * Makes every text of a resilience folder again from what was recorded, and prints the result, or only prints it in a
 * format. Exit code 5 when a promised clean reload failed requests, 4 when a cell failed.
 */
export function reportResilience(
  dir: string,
  output: { terminal: Terminal; json: boolean; format?: string | undefined },
): ExitCode {
  const { terminal, json, format } = output
  const run = readResilienceRun(dir)
  for (const note of run.notes) terminal.note(note)
  const result = analyseResilience(run.manifest, run.rates, run.cells)
  if (format !== undefined) {
    terminal.result((RESILIENCE_FORMATS[format]?.(result, run) ?? '').trimEnd())
    return EXIT.ok
  }
  if (run.cells.length === 0) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected ${run.dir} to hold finished cells, got none.`,
      hint: 'The run stopped before its first one was over; start it again: forkwise resilience',
    })
  }
  writeTexts(run, result)
  const style: Terminal['style'] = (kind, text) => terminal.style(kind, text)
  terminal.result(
    json ? resultJson(result, 2) : renderResilienceText(result, { columns: terminal.columns, style, folder: run.dir }),
  )
  if (result.failed.length > 0) return EXIT.trial
  return breaksPromise(result) ? EXIT.threshold : EXIT.ok
}

function writeTexts(run: ResilienceRun, result: ResilienceResult): void {
  const folder = ResilienceFolder.open(run.dir)
  folder.write('result.json', `${resultJson(result, 2)}\n`)
  folder.write('report.md', renderResilienceMarkdown(result, run.manifest))
  folder.write('report.html', renderResilienceHtml(result, run.manifest, run.cells))
}
