import type { LabResult } from '../../core/lab-record.ts'
import { wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'
import { claimLines, commandLines } from './text.ts'

/** What many labs came to: the claims of each. */
export function renderLabsText(results: readonly LabResult[], options: TextOptions): string {
  const width = Math.min(options.columns, 100)
  const counts = new Map<string, number>()
  for (const { outcome } of results.flatMap(({ claims }) => claims)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const summary = ['confirmed', 'does not hold here', 'undecided'].map(
    (outcome) => `${counts.get(outcome) ?? 0} ${outcome}`,
  )
  return [
    ...results.map((result) =>
      [
        options.style('strong', `Lab ${result.number}: ${result.title}`),
        ...result.claims.flatMap((claim) => claimLines(claim, width, options)),
      ].join('\n'),
    ),
    wrapText(`Claims: ${summary.join(', ')}.`, width).join('\n'),
    ...(options.folder === undefined
      ? []
      : [commandLines('A folder for each lab, with its report.html, in', options.folder, width).join('\n')]),
  ].join('\n\n')
}
