import { resultJson } from '../../core/estimate.ts'
import type { ResilienceResult } from '../../core/resilience-record.ts'
import type { WhichTexts } from '../../store/folder.ts'
import { ResilienceFolder, type ResilienceRun } from '../../store/resilience-folder.ts'
import { renderResilienceHtml } from '../html/resilience-page.ts'
import { timelineItems } from '../html/sections/units.ts'
import { renderResilienceMarkdown } from './markdown.ts'

/** The formats in which the result of a resilience folder can be printed. */
export const RESILIENCE_FORMATS: Readonly<Record<string, (result: ResilienceResult, run: ResilienceRun) => string>> = {
  md: (result, run) => renderResilienceMarkdown(result, run.manifest),
  html: (result, run) => renderResilienceHtml(result, run.manifest, run.cells, timelineItems(run.dir)),
}

/** Writes result.json, report.md and report.html into the folder of a run. Throws FOLDER_UNWRITABLE. */
export function writeResilienceReports(run: ResilienceRun, result: ResilienceResult, which: WhichTexts): void {
  const texts = {
    'result.json': () => `${resultJson(result, 2)}\n`,
    'report.md': () => renderResilienceMarkdown(result, run.manifest),
    'report.html': () => renderResilienceHtml(result, run.manifest, run.cells, timelineItems(run.dir)),
  }
  ResilienceFolder.open(run.dir).writeTexts(texts, which)
}
