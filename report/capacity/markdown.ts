import { formatRate } from '../../core/quantities.ts'
import { escapeMarkdown, markdownTable } from '../markdown.ts'
import { confirmationSentence } from './confirmation.ts'
import type { CapacityFindings, FindingsTable } from '../../store/capacity-findings.ts'
import {
  capacitySentence,
  machineSentence,
  planSentence,
  planTable,
  ratesTable,
  scalingTable,
  searchTable,
  validationTables,
  whatIfTable,
} from './tables.ts'
import { lawText, leastText, limitText, neededText } from './sentences.ts'

/** What was measured and planned, as Markdown for a pull request or a wiki: report.md. */
export function renderCapacityMarkdown(findings: CapacityFindings): string {
  const { scale, capacity, plan, validation } = findings
  const parts = [
    `# ${escapeMarkdown(findings.id)}`,
    ...(scale?.models ?? []).flatMap((model) => [
      `## How ${escapeMarkdown(model.model)} scales`,
      [lawText(model), `${leastText(model)}.`, limitText(model), neededText(model)]
        .filter((text) => text !== '')
        .map((text) => escapeMarkdown(text))
        .join(' '),
      tableText(scalingTable(model)),
    ]),
    ...(capacity?.models ?? []).flatMap((model) => [
      `## What ${escapeMarkdown(model.model)} can do within ${escapeMarkdown(capacity?.slo.text ?? '')}`,
      `**${escapeMarkdown(capacitySentence(model, capacity?.slo ?? { text: '', latency: [], errorRatio: null }))}**`,
      tableText(ratesTable(model, capacity?.slo.text ?? '')),
      folded('Trials of the search', tableText(searchTable(model))),
      ...list(model.notes),
    ]),
    ...(plan === null
      ? []
      : [
          `## Plan for ${formatRate(plan.plannedPerS)} within ${escapeMarkdown(plan.request.slo.text)}`,
          ...list(plan.models.map(planSentence)),
          ...list(plan.confirmations.map(confirmationSentence)),
          tableText(planTable(plan)),
          ...plan.models
            .filter(({ server }) => server !== null)
            .flatMap((model) => [
              folded(`${escapeMarkdown(model.model)}: what if`, tableText(whatIfTable(model))),
              folded(`${escapeMarkdown(model.model)}: assumed`, list(model.assumptions).join('')),
            ]),
        ]),
    ...(validation === null
      ? []
      : [
          `## Predictions against measurements: ${validation.passed ? 'every goal was met' : 'a goal was missed'}`,
          ...validationTables(validation).map(tableText),
          ...list(validation.notes),
        ]),
    `<sub>${escapeMarkdown(machineSentence(findings))}</sub>`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function tableText({ headings, rows }: FindingsTable): string {
  return markdownTable(
    headings.map(escapeMarkdown),
    rows.map((row) => row.map(escapeMarkdown)),
  )
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

function list(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n')]
}
