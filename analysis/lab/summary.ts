import type { LabCell, LabSummary, LabTrial, LabCaseFacts } from '../../core/lab-record.ts'
import { UNBOUNDED } from '../../core/records.ts'
import { meanInterval } from '../statistics/interval.ts'
import { median } from '../statistics/sample.ts'

const CONFIDENCE = 0.95

/**
 * The median of values with the t interval of their centre, which always holds the median. Nothing bounds it with a
 * single value. Throws without values.
 */
export function summarise(values: readonly number[]): LabSummary {
  const interval = meanInterval(values, CONFIDENCE)
  if (interval === null) throw new Error('Expected values to summarise, got none.')
  const estimate = median(values)
  return {
    estimate,
    low: values.length < 2 ? -UNBOUNDED : Math.min(estimate, interval.low),
    high: values.length < 2 ? UNBOUNDED : Math.max(estimate, interval.high),
    values,
  }
}

/** What was measured of each case, from its trials. */
export function labCells(cases: readonly LabCaseFacts[], trials: readonly LabTrial[]): LabCell[] {
  return cases.map(({ id, name, language }) => {
    const own = trials.filter((trial) => trial.case === id)
    const figures = gathered(own.map((trial) => trial.figures))
    return {
      id,
      name,
      language,
      figures: Object.fromEntries([...figures].map(([key, values]) => [key, summarise(values)])),
      words: Object.fromEntries(gathered(own.map(({ words }) => words))),
      failures: own.flatMap(({ failure }) => (failure === null ? [] : [failure])),
    }
  })
}

function gathered<T>(records: readonly Readonly<Record<string, T>>[]): Map<string, T[]> {
  const values = new Map<string, T[]>()
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) values.set(key, [...(values.get(key) ?? []), value])
  }
  return values
}
