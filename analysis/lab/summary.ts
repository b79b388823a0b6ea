import type { LabCaseFacts, LabCell, LabSummary, LabTrial } from '../../core/lab-record.ts'
import { UNBOUNDED } from '../../core/records.ts'
import { meanInterval } from '../statistics/interval.ts'
import { median } from '../statistics/sample.ts'

const CONFIDENCE = 0.95

/**
 * The median of values with the t interval of their centre, which always holds the median. Nothing bounds it with a
 * single value. `repeats` says which repetition each is from, one after the other where absent. Throws without values.
 */
export function summarise(
  values: readonly number[],
  repeats: readonly number[] = values.map((_, index) => index + 1),
): LabSummary {
  const interval = meanInterval(values, CONFIDENCE)
  if (interval === null) throw new Error('Expected values to summarise, got none.')
  const estimate = median(values)
  return {
    estimate,
    low: values.length < 2 ? -UNBOUNDED : Math.min(estimate, interval.low),
    high: values.length < 2 ? UNBOUNDED : Math.max(estimate, interval.high),
    values,
    repeats,
  }
}

/** What was measured of each case, from its trials. */
export function labCells(cases: readonly LabCaseFacts[], trials: readonly LabTrial[]): LabCell[] {
  return cases.map(({ id, name, language }) => {
    const own = trials.filter((trial) => trial.case === id).toSorted((a, b) => a.repeat - b.repeat)
    const keys = keysOf(own.map(({ figures }) => figures))
    return {
      id,
      name,
      language,
      figures: Object.fromEntries(keys.map((key) => [key, summaryOf(key, own)])),
      words: Object.fromEntries(
        keysOf(own.map(({ words }) => words)).map((key) => [
          key,
          own.flatMap(({ words }) => (words[key] === undefined ? [] : [words[key]])),
        ]),
      ),
      failures: own.flatMap(({ failure }) => (failure === null ? [] : [failure])),
    }
  })
}

function summaryOf(key: string, trials: readonly LabTrial[]): LabSummary {
  const measured = trials.flatMap(({ figures, repeat }) => {
    const value = figures[key]
    return value === undefined ? [] : [{ value, repeat }]
  })
  return summarise(
    measured.map(({ value }) => value),
    measured.map(({ repeat }) => repeat),
  )
}

function keysOf(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap(Object.keys))]
}
