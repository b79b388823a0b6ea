import { parse } from 'csv-parse/sync'

/** A row of a table, with the line that it ends on, from 1. */
export interface TableRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** What separates columns, in the order in which they are tried: commas may be decimal ones, and bars are rare. */
const SEPARATORS = [';', '\t', ',', '|'] as const

/** How lenient the reading is. */
export interface TableForm {
  /** A table that somebody wrote by hand may have comments after `#` at the beginning of a line, and spaces between columns. */
  readonly isHandMade: boolean
}

/**
 * Reads separated values, cells in quotes included, without a byte order mark and empty lines. Columns are separated by the
 * first of `;`, tab, `,` and `|` that divides the first two lines alike, or else the first that the first line has. Throws
 * what csv-parse says of quotes that do not close.
 */
export function readTable(
  text: string,
  { isHandMade }: TableForm,
): { readonly rows: readonly TableRow[]; readonly separator: string } {
  const bare = text.replace(/^\uFEFF/, '')
  const separator = separatorIn(bare, isHandMade)
  const rows: TableRow[] = []
  parse(separator === ' ' ? bare.replaceAll(/[ \t]+/g, ' ').replaceAll(/^ | $/gm, '') : bare, {
    delimiter: separator,
    ...(isHandMade ? { comment: '#', comment_no_infix: true } : {}),
    trim: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    relax_column_count: true,
    on_record: (cells: string[], { lines }) => {
      rows.push({ line: lines, cells })
      return null
    },
  })
  return { rows, separator }
}

function separatorIn(text: string, isHandMade: boolean): string {
  const lines = firstLines(text, isHandMade)
  const columns = (separator: string): number[] => lines.map((line) => line.split(separator).length)
  const dividing = SEPARATORS.find((each) => {
    const [first = 1, second = first] = columns(each)
    return first > 1 && first === second
  })
  return dividing ?? SEPARATORS.find((each) => (columns(each)[0] ?? 1) > 1) ?? (isHandMade ? ' ' : ',')
}

/** The first two lines with content, without what stands in quotes. */
function firstLines(text: string, isHandMade: boolean): string[] {
  const found: string[] = []
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    if (line.trim() === '' || (isHandMade && line.trim().startsWith('#'))) continue
    found.push(line.replaceAll(/"(?:[^"]|"")*"/g, ''))
    if (found.length === 2) break
  }
  return found
}
