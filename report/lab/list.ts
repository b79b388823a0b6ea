import { wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'

/** What a list of labs says of each. */
export interface ListedLab {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly question: string
  /** The belief that it ends. */
  readonly misconception: string
  readonly expectedS: { readonly quick: number; readonly full: number }
}

/** The labs in teaching order, each with its question and the belief that it ends. */
export function renderLabList(labs: readonly ListedLab[], { columns, style }: TextOptions): string {
  const width = Math.min(columns, 100)
  const indent = 4
  const lines = labs.flatMap(({ id, number, title, misconception, expectedS }) => [
    ...wrapText(`${id}: ${title}`, width - 4).map((line, index) =>
      index === 0
        ? `${String(number).padStart(2)}  ${line.replace(id, () => style('accent', id))}`
        : `${' '.repeat(indent)}${line}`,
    ),
    ...wrapText(`Ends the belief that ${misconception}. About ${expectedS.full} s.`, width - indent).map((line) =>
      style('faint', `${' '.repeat(indent)}${line}`),
    ),
  ])
  const how = wrapText(
    'Run one with `npx forkwise lab NAME`: you are asked what you expect, then it runs for real. `lab all --quick` runs all of them.',
    width,
  )
  return [...lines, '', ...how].join('\n')
}
