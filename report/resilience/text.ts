import { listText } from '../../analysis/wording.ts'
import type { ResilienceResult } from '../../core/resilience-record.ts'
import { plainText } from '../../core/plain-text.ts'
import { shortened } from '../../core/quotes.ts'
import { renderTable, stackRows, type TextColumn, wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'
import { FACTS_HEADING, type FaultTable, faultTables } from './rows.ts'

/** Widest a line of prose gets. */
const PROSE_COLUMNS = 110

/** The result of a resilience run for a terminal: what it says in words, a table for each fault, what to know. */
export function renderResilienceText(
  result: ResilienceResult,
  options: Pick<TextOptions, 'columns' | 'style' | 'folder'>,
): string {
  const { columns, style, folder } = options
  const width = Math.min(columns, PROSE_COLUMNS)
  const bullets = (lines: readonly string[]): string[] =>
    lines.flatMap((line) =>
      wrapText(plainText(line), width - 2).map((part, index) => `${index === 0 ? '•' : ' '} ${part}`),
    )
  const sections = [
    bullets(result.summary),
    ...faultTables(result).map((table) => faultSection(table, result.plan.repeats, options)),
    result.unavailable.length === 0
      ? []
      : [
          style('strong', 'Unavailable'),
          ...bullets(result.unavailable.map(({ model, reason, remedy }) => `${model}: ${reason} ${remedy}`)),
        ],
    [style('strong', 'What to know'), ...bullets(result.notes)],
    folder === undefined
      ? []
      : wrapText(`Files in ${plainText(folder)}: report.html, report.md, result.json, cells.ndjson`, columns),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function faultSection(
  table: FaultTable,
  repeats: number,
  { columns, style }: Pick<TextOptions, 'columns' | 'style'>,
): string[] {
  const width = Math.min(columns, PROSE_COLUMNS)
  const launches = repeats === 1 ? 'one launch each' : `${repeats} launches each`
  return [
    ...wrapText(`${table.fault.title} (${launches})`, columns).map((line) => style('strong', line)),
    ...wrapText(table.fault.question, width).map((line) => style('faint', line)),
    ...tableLines(table, columns).map((line) =>
      line.map((span) => (span.kind === undefined ? span.text : style(span.kind, span.text))).join(''),
    ),
    ...table.without.flatMap(({ model, reason }) =>
      wrapText(plainText(`${model}: ${reason}.`), width - 2).map((part, index) => (index === 0 ? part : `  ${part}`)),
    ),
    ...table.because.flatMap(({ models, sentence }) =>
      wrapText(plainText(`${listText(models)}: ${sentence}`), width - 2).map(
        (part, index) => `${index === 0 ? '•' : ' '} ${part}`,
      ),
    ),
  ]
}

function tableLines({ headings, rows }: FaultTable, columns: number): ReturnType<typeof stackRows> {
  if (rows.length === 0) return []
  const table: TextColumn[] = [
    {
      id: 'model',
      title: 'model',
      align: 'left',
      cells: rows.map(({ model }) => [{ text: shortened(plainText(model)), kind: 'accent' }]),
    },
    ...headings.map((title, index): TextColumn => ({
      id: title,
      title,
      align: title === FACTS_HEADING ? 'left' : 'right',
      cells: rows.map(({ cells, row }) => {
        const text = cells[index] ?? ''
        const bad = text !== '0' && ['conn. errors', 'non-2xx', 'hung'].includes(title)
        return [bad && row.promise === 'broken' ? { text, kind: 'bad' } : bad ? { text, kind: 'warn' } : { text }]
      }),
    })),
  ]
  const laid = renderTable(table)
  return laid.width <= columns ? laid.lines : stackRows(table, columns)
}
