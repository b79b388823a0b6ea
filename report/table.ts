/** A piece of a line that looks the same throughout. */
export interface TextSpan {
  readonly text: string
  readonly kind?: 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'accent'
}

/** One column of a table in a terminal. */
export interface TextColumn {
  readonly id: string
  readonly title: string
  readonly align: 'left' | 'right'
  readonly cells: readonly (readonly TextSpan[])[]
  /** The same cells with less in them, for narrow terminals. */
  readonly short?: readonly (readonly TextSpan[])[]
}

/** The lines of a table, heading first, and how wide they are. The pieces of a column's cells line up with each other. */
export function renderTable(columns: readonly TextColumn[]): { lines: TextSpan[][]; width: number } {
  const laid = columns.map(layColumn)
  const rows = columns[0]?.cells.length ?? 0
  const lines = Array.from({ length: rows + 1 }, (_, row) => laid.flatMap((column) => column.lines[row] ?? []))
  return { lines: lines.map(trimmed), width: laid.reduce((sum, column) => sum + column.width + GAP.text.length, 0) }
}

/** A plain table: columns as wide as their widest cell, the first ones to the left, the others to the right. */
export function alignedTable(
  rows: readonly (readonly string[])[],
  { left = 1, gap = 2 }: { readonly left?: number; readonly gap?: number } = {},
): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const pad = ' '.repeat((widths[i] ?? 0) - widthOf(cell))
        return i < left ? cell + pad : pad + cell
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  )
}

/** The same table as a list, one line per figure, for terminals too narrow for columns. */
export function stackRows(columns: readonly TextColumn[], width: number): TextSpan[][] {
  const [first, ...others] = columns
  return (first?.cells ?? []).flatMap((name, row) => [
    ...(2 + spansWidth(name) <= width
      ? [[{ text: '  ' }, ...name]]
      : wrapText(name.map(({ text }) => text).join(''), width - 2).map((line): TextSpan[] => [{ text: `  ${line}` }])),
    ...others.flatMap((column): TextSpan[][] => {
      const spans = trimmed([...(column.cells[row] ?? [])])
      const title: TextSpan = { text: `    ${column.title}`, kind: 'faint' }
      const text = spans.map((span) => span.text).join('')
      return widthOf(title.text) + 1 + spansWidth(spans) <= width
        ? [[title, { text: ' ' }, ...spans]]
        : [
            ...wrapText(column.title, width - 4).map((line): TextSpan[] => [{ text: `    ${line}`, kind: 'faint' }]),
            ...wrapText(text, width - 6).map((line): TextSpan[] => [{ text: `      ${line}` }]),
          ]
    }),
  ])
}

/** Breaks a text into lines of at most that many characters, at spaces where there are any; paragraphs stay apart. */
export function wrapText(text: string, width: number): string[] {
  return text === '' ? [] : text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, Math.max(8, width)))
}

function wrapParagraph(text: string, limit: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > limit) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
    if (widthOf(line) > limit) {
      const pieces = piecesOf(line, limit)
      line = pieces.pop() ?? ''
      for (const piece of pieces) lines.push(piece)
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}

function piecesOf(word: string, length: number): string[] {
  const characters = Array.from(word)
  return Array.from({ length: Math.ceil(characters.length / length) }, (_, index) =>
    characters.slice(index * length, (index + 1) * length).join(''),
  )
}

function layColumn({ title, align, cells }: TextColumn): { lines: TextSpan[][]; width: number } {
  const pieces = Math.max(1, ...cells.map((spans) => spans.length))
  const widths = Array.from({ length: pieces }, (_, index) =>
    Math.max(0, ...cells.map((spans) => widthOf(spans[index]?.text ?? ''))),
  )
  const body = widths.reduce((sum, width) => sum + width, 0)
  const width = Math.max(widthOf(title), body)
  const fill = space(width - body)
  const blank = space(width - widthOf(title))
  const head: TextSpan = { text: title, kind: 'faint' }
  const lines = cells.map((spans): TextSpan[] => {
    const padded = widths.flatMap((of, index) => {
      const span = spans[index] ?? { text: '' }
      const pad = space(of - widthOf(span.text))
      return align === 'right' && index === 0 ? [pad, span] : [span, pad]
    })
    return align === 'right' ? [fill, ...padded, GAP] : [...padded, fill, GAP]
  })
  const titleRight = align === 'right' && pieces < 3
  return { lines: [titleRight ? [blank, head, GAP] : [head, blank, GAP], ...lines], width }
}

function space(length: number): TextSpan {
  return { text: ' '.repeat(length) }
}

const GAP: TextSpan = { text: '  ' }

function trimmed(spans: TextSpan[]): TextSpan[] {
  const kept = [...spans]
  while (kept.at(-1)?.text.trim() === '') kept.pop()
  const last = kept.pop()
  return last === undefined ? [] : [...kept, { ...last, text: last.text.trimEnd() }]
}

function spansWidth(spans: readonly TextSpan[]): number {
  return spans.reduce((sum, span) => sum + widthOf(span.text), 0)
}

function widthOf(text: string): number {
  return Array.from(text).length
}
