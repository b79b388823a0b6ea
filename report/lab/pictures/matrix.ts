import type { LabTone, LedgerPicture, MatrixPicture } from '../../../core/lab-record.ts'
import { renderTable, stackRows, type TextColumn, type TextSpan } from '../../table.ts'
import type { TextOptions } from '../../text.ts'
import { grouped, TONE_STYLES } from './lanes.ts'

/** What was seen of each thing, as a table; as a list where the terminal is too narrow for one. */
export function matrixLines({ columns: headings, rows }: MatrixPicture, options: TextOptions): string[] {
  return grouped(rows).flatMap(([group, own]) => [
    ...(group === '' ? [] : [options.style('faint', group)]),
    ...tableLines(
      ['', ...headings].map((title, place): TextColumn => ({
        id: String(place),
        title,
        align: 'left',
        cells: own.map(({ name, cells }) => {
          const cell = cells[place - 1]
          return [place === 0 ? { text: name } : cell === undefined ? { text: '' } : toned(cell.text, cell.tone)]
        }),
      })),
      options,
    ),
  ])
}

/** What became of each job, one row after the other. */
export function ledgerLines({ columns: headings, rows }: LedgerPicture, options: TextOptions): string[] {
  return tableLines(
    headings.map((title, place): TextColumn => ({
      id: String(place),
      title,
      align: 'left',
      cells: rows.map(({ cells, tone }) => [toned(cells[place] ?? '', tone)]),
    })),
    options,
  )
}

/** A text in the colour of its tone. */
export function toned(text: string, tone: LabTone): TextSpan {
  const kind = TONE_STYLES[tone]
  return kind === null ? { text } : { text, kind }
}

/** The lines of a table; of a list where the terminal is too narrow for one. */
export function tableLines(columns: readonly TextColumn[], options: TextOptions): string[] {
  const { lines, width } = renderTable(columns)
  // The gap behind the last column may be cut off.
  const fitting = width - 2 <= options.columns ? lines : stackRows(columns, options.columns)
  return fitting.map((line) =>
    line.map(({ text, kind }) => (kind === undefined ? text : options.style(kind, text))).join(''),
  )
}
