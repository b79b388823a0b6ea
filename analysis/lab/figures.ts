import type { LabCell, LabSummary } from '../../core/lab-record.ts'
import type { Estimate } from '../../core/records.ts'
import { intervalOf, logMean, welchLogRatio } from '../statistics/interval.ts'

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

  /** How many times the figure of a base the same figure of a case is, with its 95 % interval (Welch, of logarithms). */
  ratio(id: string, base: string, key: string): Estimate | null {
    const [of, to] = [this.of(id, key), this.of(base, key)]
    return of === null || to === null ? null : ratioOf(of.values, to.values)
  }
}

/** The ratio of two independent samples with its 95 % interval; null where a value is not above 0. */
export function ratioOf(values: readonly number[], base: readonly number[]): Estimate | null {
  if ([...values, ...base].some((value) => !(value > 0)) || values.length === 0 || base.length === 0) return null
  const [a, b] = [logMean(base.map(Math.log)), logMean(values.map(Math.log))]
  return intervalOf(welchLogRatio(a, b), 0.95)
}
