import { resultJson } from '../../core/estimate.ts'
import type { LabResult } from '../../core/lab-record.ts'
import type { WhichTexts } from '../../store/folder.ts'
import { LabFolder } from '../../store/lab-folder.ts'
import { renderLabHtml } from '../html/lab/page.ts'
import { renderLabMarkdown } from './markdown.ts'

/** The formats in which the result of a lab can be printed. */
export const LAB_FORMATS: Readonly<Record<string, (result: LabResult) => string>> = {
  md: renderLabMarkdown,
  html: renderLabHtml,
}

/** Writes result.json, report.md and report.html into the folder of a lab. Throws FOLDER_UNWRITABLE. */
export function writeLabReports(dir: string, result: LabResult, which: WhichTexts): void {
  const texts = {
    'result.json': () => `${resultJson(result, 2)}\n`,
    'report.md': () => renderLabMarkdown(result),
    'report.html': () => renderLabHtml(result),
  }
  LabFolder.open(dir).writeTexts(texts, which)
}
