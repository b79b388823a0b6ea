import type { DrillResult } from '../../core/drill-record.ts'
import { DrillFolder } from '../../store/drill-folder.ts'
import type { WhichTexts } from '../../store/folder.ts'
import { renderDrillHtml } from '../html/drill/page.ts'
import { renderDrillMarkdown } from './markdown.ts'

/** The formats in which the result of a drill can be printed. */
export const DRILL_FORMATS: Readonly<Record<string, (result: DrillResult) => string>> = {
  md: renderDrillMarkdown,
  html: renderDrillHtml,
}

/** Writes result.json, report.md and report.html into the folder of a drill. Throws FOLDER_UNWRITABLE. */
export function writeDrillReports(dir: string, result: DrillResult, which: WhichTexts): void {
  const texts = {
    'result.json': () => `${JSON.stringify(result, null, 2)}\n`,
    'report.md': () => renderDrillMarkdown(result),
    'report.html': () => renderDrillHtml(result),
  }
  DrillFolder.open(dir).writeTexts(texts, which)
}
