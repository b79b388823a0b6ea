import type { ResultCell } from '../core/records.ts'
import { formatCount } from '../core/quantities.ts'
import { plainText } from '../core/plain-text.ts'
import { shortened } from '../core/quotes.ts'
import type { WorkloadFigures } from './figures.ts'
import { renderTable, stackRows, type TextColumn, type TextSpan } from './table.ts'

/** Who answered how many requests of a model under a workload, ready to be printed. */
export interface AnswerRow {
  readonly workload: string
  readonly model: string
  /** `nginx itself`, `the workers`. */
  readonly who: string
  readonly requests: string
  readonly share: string
}

export const ANSWER_TITLE = 'Who answered what'

/** What the table of {@link answerRows} counts, in a sentence. */
export const ANSWER_LEAD =
  'A server in front may answer requests itself (files) and pass the others on: what it and the workers counted at saturation, in all trials that count.'

export const ANSWER_HEADINGS = ['workload', 'model', 'answered by', 'requests', 'share'] as const

/** A row for each proxy that can answer requests itself, and one for the workers behind it; empty where there is none. */
export function answerRows(workloads: readonly WorkloadFigures[]): AnswerRow[] {
  return workloads.flatMap(({ workload, cells }) =>
    cells.flatMap(({ cell }) => rowsOf(cell).map((row) => ({ workload, model: cell.model, ...row }))),
  )
}

/** The same rows for a terminal: a table, or a list where it is too narrow for one. */
export function answerLines(workloads: readonly WorkloadFigures[], width: number): TextSpan[][] {
  const rows = answerRows(workloads)
  if (rows.length === 0) return []
  const members = ['workload', 'model', 'who', 'requests', 'share'] as const
  const columns = members.map((member, index): TextColumn => ({
    id: member,
    title: ANSWER_HEADINGS[index] ?? member,
    align: index < 3 ? 'left' : 'right',
    cells: rows.map((row) => {
      const text = shortened(plainText(row[member]))
      return [member === 'model' ? { text, kind: 'accent' } : { text }]
    }),
  }))
  const laid = renderTable(columns)
  return laid.width <= width ? laid.lines : stackRows(columns, width)
}

function rowsOf({ answeredBy }: ResultCell): Pick<AnswerRow, 'who' | 'requests' | 'share'>[] {
  if (answeredBy === undefined) return []
  const { proxies, workers } = answeredBy
  const counts: [string, number][] = [
    ...Object.entries(proxies).map(([name, count]): [string, number] => [`${name} itself`, count]),
    ['the workers', workers],
  ]
  const all = counts.reduce((sum, [, count]) => sum + count, 0)
  return counts.map(([who, count]) => ({
    who,
    requests: formatCount(count),
    share: all === 0 ? '–' : `${((count / all) * 100).toFixed(1)} %`,
  }))
}
