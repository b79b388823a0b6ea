import type { LabCell, LabSummary } from '../../core/lab-record.ts'
import { type Estimate, UNBOUNDED } from '../../core/records.ts'
import { intervalOf, logMean, pairedLogRatio, welchLogRatio } from '../statistics/interval.ts'

const CONFIDENCE = 0.95

/** What a lab measured, asked by case and figure. */
export class LabFigures {
  readonly cells: readonly LabCell[]

  constructor(cells: readonly LabCell[]) {
    this.cells = cells
  }

  /** A cell that was measured; null where its part is missing. */
  cell(id: string): LabCell | null {
    return this.cells.find((cell) => cell.id === id) ?? null
  }

  /** A figure of a case; null where it was not measured. */
  of(id: string, key: string): LabSummary | null {
    return this.cell(id)?.figures[key] ?? null
  }

  /** What was seen of a case: the word that most repetitions gave (of equals the first); null where none did. */
  word(id: string, key: string): string | null {
    const counts = new Map<string, number>()
    for (const word of this.cell(id)?.words[key] ?? []) counts.set(word, (counts.get(word) ?? 0) + 1)
    return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null
  }

  /**
   * What was seen of several cases, in each of their repetitions; nothing where one of those that were to be measured was
   * not, so that nothing is decided.
   */
  seen(ids: readonly string[], key: string): readonly string[] {
    return this.#ofAll(ids, ({ words }) => words[key] ?? [])
  }

  /** The values of a figure of several cases; nothing where one of those that were to be measured was not. */
  valuesOf(ids: readonly string[], key: string): readonly number[] {
    return this.#ofAll(ids, ({ figures }) => figures[key]?.values ?? [])
  }

  #ofAll<T>(ids: readonly string[], of: (cell: LabCell) => readonly T[]): readonly T[] {
    const each = this.cells.filter(({ id }) => ids.includes(id)).map(of)
    return each.some(({ length }) => length === 0) ? [] : each.flat()
  }

  /** How many times the figure of a base the same figure of a case is, with its 95 % interval. */
  ratio(id: string, base: string, key: string): Estimate | null {
    const [of, to] = [this.of(id, key), this.of(base, key)]
    return of === null || to === null ? null : ratioOf(of, to)
  }
}

/**
 * The ratio of two figures with its 95 % interval, paired by repetition, since what disturbs a round meets all its cases;
 * where fewer than two repetitions have both, of independent samples (Welch). Null where a value is not above 0.
 */
export function ratioOf(figure: LabSummary, base: LabSummary): Estimate | null {
  if ([...figure.values, ...base.values].some((value) => !(value > 0))) return null
  const pairs = figure.repeats.flatMap((repeat, index) => {
    const at = base.repeats.indexOf(repeat)
    return at === -1 ? [] : [[base.values[at] ?? Number.NaN, figure.values[index] ?? Number.NaN] as const]
  })
  if (pairs.length > 1) {
    return intervalOf(
      pairedLogRatio(
        pairs.map(([from]) => from),
        pairs.map(([, to]) => to),
      ),
      CONFIDENCE,
    )
  }
  const [from, to] = [base, figure].map(({ values }) => logMean(values.map(Math.log)))
  return from === undefined || to === undefined ? null : intervalOf(welchLogRatio(from, to), CONFIDENCE)
}

/** The reciprocal of a ratio with its interval: how many times as fast from how many times as long. */
export function inverseOf(ratio: Estimate | null): Estimate | null {
  if (ratio === null) return null
  return { estimate: 1 / ratio.estimate, low: 1 / ratio.high, high: ratio.low > 0 ? 1 / ratio.low : UNBOUNDED }
}
