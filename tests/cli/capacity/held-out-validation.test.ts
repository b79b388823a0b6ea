import { describe, expect, test } from 'vitest'
import { parseSlo } from '../../../analysis/capacity/slo.ts'
import { predictHighestRate } from '../../../analysis/capacity/validation.ts'
import { validateMeasured, type SearchedRate } from '../../../cli/capacity/held-out-validation.ts'
import { KNOWN, measureKnown } from '../../analysis/capacity/synthetic-measurement.ts'

const MEASURED = measureKnown({ ...KNOWN, sigma: 0 }, { workers: [1, 2], requests: 8000 })
const SLO = parseSlo('p99<25ms')
const FORETOLD = predictHighestRate(MEASURED, SLO, 1)

function searched(bounds: Pick<SearchedRate, 'passedPerS' | 'failedPerS'>): SearchedRate {
  return { model: MEASURED.model, workload: MEASURED.workload, workers: 1, slo: SLO, ...bounds }
}

describe('a highest rate', () => {
  test('is the middle of the bounds that the search confirmed', () => {
    const { rows, complete } = validateMeasured(MEASURED, [
      searched({ passedPerS: 0.98 * FORETOLD, failedPerS: 1.02 * FORETOLD }),
    ])
    const row = rows.find(({ what }) => what === 'highest rate')
    expect(row?.measured).toBeCloseTo(FORETOLD * Math.sqrt(0.98 * 1.02), 6)
    expect(row?.passed).toBe(true)
    expect(complete).toBe(true)
  })

  test.each([
    ['too far apart', { passedPerS: 100, failedPerS: 130 }, 'at least 100/s and below 130/s'],
    ['without an upper bound', { passedPerS: 100, failedPerS: null }, 'at least 100/s.'],
    ['without any bound', { passedPerS: null, failedPerS: null }, 'nothing was confirmed'],
  ])('%s is left open, and the whole is not complete', (_, bounds, words) => {
    const { rows, complete, notes } = validateMeasured(MEASURED, [searched(bounds)])
    expect(rows.some(({ what }) => what === 'highest rate')).toBe(false)
    expect(rows.length).toBeGreaterThan(0)
    expect(complete).toBe(false)
    expect(notes.join(' ')).toContain(words)
  })
})
