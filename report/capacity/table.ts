import { UNBOUNDED, type Estimate } from '../../core/records.ts'

/** A table for a terminal: columns as wide as their widest cell, the first one to the left, the others to the right. */
export function alignedTable(rows: readonly (readonly string[])[], leftColumns: number = 1): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, i) => (i < leftColumns ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** An interval in words: `4–6`, `4 or more`, or a dash where one observation says nothing of it. */
export function intervalText({ low, high }: Estimate, write: (value: number) => string): string {
  if (high < UNBOUNDED) return `${write(low)}–${write(high)}`
  return low > 0 ? `${write(low)} or more` : '–'
}

/** The Node that ran a model, as the end of its heading; empty where none is known. */
export function nodeText({ node }: { readonly node?: string }): string {
  return node === undefined ? '' : `, Node ${node}`
}
