import { resultJson } from '../../core/estimate.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { CapacityFolder } from '../../store/capacity-folder.ts'
import type { WhichTexts } from '../../store/folder.ts'
import { isCapacityFolder, readCapacityFindings } from '../../store/capacity-results.ts'
import { timelineItems } from '../html/sections/units.ts'
import type { TextStyle } from '../text.ts'
import { capacityText } from './capacity-text.ts'
import { renderCapacityHtml } from './html.ts'
import { renderCapacityMarkdown } from './markdown.ts'
import { planText } from './plan-text.ts'
import { scaleText } from './scale-text.ts'
import { validationText } from './validation-text.ts'

/** Writes report.html and report.md into a folder that has a result; does nothing where there is none yet. */
export function writeCapacityReports(dir: string, which: WhichTexts): void {
  if (!isCapacityFolder(dir)) return
  const findings = readCapacityFindings(dir)
  const texts = {
    'report.html': () => renderCapacityHtml(findings, timelineItems(dir)),
    'report.md': () => renderCapacityMarkdown(findings),
  }
  CapacityFolder.open(dir).writeTexts(texts, which)
}

/** The results of a folder for a terminal. */
export function capacityFindingsText(
  { scale, capacity, plan, validation }: CapacityFindings,
  style: TextStyle,
): string {
  return [
    ...(scale === null ? [] : [scaleText(scale.models, style)]),
    ...(capacity === null ? [] : [capacityText(capacity, style)]),
    ...(plan === null ? [] : [planText(plan, style)]),
    ...(validation === null ? [] : [validationText(validation, style)]),
  ].join('\n\n')
}

/** The results of a folder as JSON: the one that it has, or all of them by kind. */
export function capacityFindingsJson({ scale, capacity, plan, validation }: CapacityFindings): string {
  const found = Object.entries({ scale, capacity, plan, validation }).filter(([, result]) => result !== null)
  return resultJson(found.length === 1 ? found[0]?.[1] : Object.fromEntries(found), 2)
}
