import type { Result } from '../../core/records.ts'

/** How a model looks in every plot: a colour class, a dash class and its dash pattern for scripts. */
export interface Look {
  /** Classes of its marks: `s3 d3`. */
  readonly classes: string
  readonly dash: readonly number[]
  /** Index of its colour: the custom property `--s<colour>`. */
  readonly colour: number
}

/** Okabe-Ito has eight colours (colours.css holds them, for light and dark); dash patterns tell further models apart. */
export const COLOURS = 8

/** Dash patterns in px, the first one solid; report.css holds the same under `.d0` … `.d7`. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [13, 4],
  [5, 2, 1, 2, 1, 2],
  [1, 3],
  [14, 3, 4, 3],
]

/** The look of each model, the baseline's first (the neutral colour, a solid line). */
export function looksOf(result: Pick<Result, 'cells' | 'baseline'>): ReadonlyMap<string, Look> {
  const models = new Set([result.baseline, ...result.cells.map((cell) => cell.model)])
  return new Map([...models].map((model, index) => [model, lookOf(index)]))
}

/** The look at a place of the order of models. */
export function lookOf(index: number): Look {
  const colour = index % COLOURS
  const pattern = (index + 3 * Math.floor(index / COLOURS)) % DASHES.length
  return { classes: `s${colour} d${pattern}`, dash: DASHES[pattern] ?? [], colour }
}
