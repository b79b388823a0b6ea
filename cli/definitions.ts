import { wrapText } from '../report/table.ts'

/** A term and what is said of it. */
export interface Definition {
  readonly label: string
  /** The label as it is to look, of the same visible length. */
  readonly styled?: string
  /** Paragraphs. */
  readonly texts: readonly string[]
}

/** Text narrower than this is put under its label instead of beside it. */
const LEAST_TEXT_COLUMNS = 26

/** Labels longer than this stand on a line of their own. */
const LABEL_COLUMNS = 32

/** Width at which lines for people end, however wide the terminal is. */
export function textColumns(columns: number): number {
  return Math.min(columns, 110)
}

/** Labels to the left, their texts beside them; each text under its label where the terminal is narrow. */
export function definitionLines(definitions: readonly Definition[], columns: number): string[] {
  const widest = Math.min(LABEL_COLUMNS, Math.max(...definitions.map(({ label }) => label.length)))
  const stacked = textColumns(columns) - widest - 2 < LEAST_TEXT_COLUMNS
  const indent = stacked ? 4 : widest + 2
  return definitions.flatMap(({ label, styled = label, texts }) => {
    const lines = texts.flatMap((text) => wrapText(text, textColumns(columns) - indent))
    const gap = indent - label.length
    const [first, ...rest] = lines
    const head = stacked || gap < 2 ? [styled, ...indented(first)] : [`${styled}${' '.repeat(gap)}${first ?? ''}`]
    return [...head, ...rest.flatMap((line) => indented(line))]
  })

  function indented(line: string | undefined): string[] {
    return line === undefined ? [] : [`${' '.repeat(indent)}${line}`]
  }
}
