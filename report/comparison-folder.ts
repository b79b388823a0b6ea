import type { AssertionOutcome } from './assertion-outcome.ts'
import type { Manifest, Result } from '../core/records.ts'
import { RunStore, type StoredRun } from '../store/comparison-folder.ts'
import { renderCsv } from './csv.ts'
import { renderHtml } from './html/report.ts'
import { renderMarkdown } from './markdown.ts'

/** Writes result.json, report.md, report.html and cells.csv into the folder of a comparison. Throws FOLDER_UNWRITABLE. */
export function writeReports(run: StoredRun, result: Result, outcomes: readonly AssertionOutcome[]): void {
  const store = RunStore.resume(run)
  store.writeResult(result)
  store.writeText('report.md', renderMarkdown(result, run.manifest, outcomes))
  store.writeText('report.html', renderHtml(result, run, { outcomes }))
  store.writeText('cells.csv', renderCsv(result))
}

/** The titles of a run's workloads by id. */
export function workloadTitles(manifest: Manifest): Record<string, string> {
  return Object.fromEntries(manifest.workloads.map((workload) => [workload.id, workload.title]))
}
