import type { LabTone, LedgerPicture, MatrixPicture } from '../../../core/lab-record.ts'
import { renderTable, stackRows, type TextColumn, type TextSpan, wrapText } from '../../table.ts'
import type { TextOptions } from '../../text.ts'
import { grouped, groupLines, TONE_STYLES } from './lanes.ts'

/**
 * What was seen of each thing, as a table; with short headings and cells where the terminal is too narrow for whole ones, and as a
 * list where it is too narrow for those as well.
 */
export function matrixLines(picture: MatrixPicture, options: TextOptions): string[] {
  const { short, columns } = picture
  const whole = groupedTable(picture, columnsOf(picture, columns, false), options)
  if (whole !== null) return whole
  if (short !== undefined) {
    const narrow = groupedTable(picture, columnsOf(picture, short.columns, true), options)
    const legend = wrapText(short.legend, options.columns).map((line) => options.style('faint', line))
    if (narrow !== null) return [...narrow, ...legend]
  }
  return grouped(picture.rows).flatMap(([group, rows]) => [
    ...groupLines(group, options),
    ...styled(stackRows(columnsOf({ rows }, columns, false), options.columns), options),
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
  return styled(fittingTable(columns, options) ?? stackRows(columns, options.columns), options)
}

/** The lines of a table, heading first; null where the terminal is too narrow for it. */
function fittingTable(columns: readonly TextColumn[], options: TextOptions): TextSpan[][] | null {
  const { lines, width } = renderTable(columns)
  // The gap behind the last column may be cut off.
  return width - 2 <= options.columns ? lines : null
}

/** One heading for all groups, whose columns stand below each other. */
function groupedTable({ rows }: MatrixPicture, columns: readonly TextColumn[], options: TextOptions): string[] | null {
  const lines = fittingTable(columns, options)
  if (lines === null) return null
  const [heading = '', ...cells] = styled(lines, options)
  return [
    heading,
    ...grouped(rows.map((row, index) => ({ group: row.group, line: cells[index] ?? '' }))).flatMap(([group, own]) => [
      ...groupLines(group, options),
      ...own.map(({ line }) => line),
    ]),
  ]
}

function columnsOf({ rows }: Pick<MatrixPicture, 'rows'>, headings: readonly string[], isShort: boolean): TextColumn[] {
  return ['', ...headings].map((title, place) => ({
    id: String(place),
    title,
    align: 'left',
    cells: rows.map(({ name, cells }) => {
      const cell = cells[place - 1]
      if (place === 0) return [{ text: name }]
      return [cell === undefined ? { text: '' } : toned(isShort ? (cell.short ?? cell.text) : cell.text, cell.tone)]
    }),
  }))
}

function styled(lines: readonly TextSpan[][], options: TextOptions): string[] {
  return lines.map((line) =>
    line.map(({ text, kind }) => (kind === undefined ? text : options.style(kind, text))).join(''),
  )
}
