import type { AssertionOutcome } from './assertion-outcome.ts'
import type { Manifest, Result } from '../core/records.ts'
import { resultJson } from '../core/estimate.ts'
import type { StoredRun } from '../store/comparison-folder.ts'
import { ResultsFolder, type WhichTexts } from '../store/folder.ts'
import { renderCsv } from './csv.ts'
import { renderHtml } from './html/report.ts'
import { renderMarkdown } from './markdown.ts'

/** Writes result.json, report.md, report.html and cells.csv into the folder of a comparison. Throws FOLDER_UNWRITABLE. */
export function writeReports(
  run: StoredRun,
  result: Result,
  outcomes: readonly AssertionOutcome[],
  which: WhichTexts,
): void {
  const texts = {
    'result.json': () => `${resultJson(result, 2)}\n`,
    'report.md': () => renderMarkdown(result, run.manifest, outcomes),
    'report.html': () => renderHtml(result, run, { outcomes }),
    'cells.csv': () => renderCsv(result),
  }
  ResultsFolder.open(run.dir).writeTexts(texts, which)
}

/** The titles of a run's workloads by id. */
export function workloadTitles(manifest: Manifest): Record<string, string> {
  return Object.fromEntries(manifest.workloads.map((workload) => [workload.id, workload.title]))
}
