import { describe, expect, test } from 'vitest'
import { parseSlo } from '../../../analysis/capacity/objective/slo.ts'
import { predictHighestRate } from '../../../analysis/capacity/planning/validation.ts'
import {
  rangeAround,
  validateMeasured,
  type HeldOutValidation,
} from '../../../experiments/capacity/held-out-validation.ts'
import { SEARCH_BLOCK } from '../../../core/capacity.ts'
import { KNOWN, measureKnown, rateKnown } from '../../analysis/capacity/synthetic-measurement.ts'

const SERVER = { ...KNOWN, sigma: 0 }
const MEASURED = measureKnown(SERVER, { workers: [1, 2], requests: 8000 })
const SLO = parseSlo('p99<50ms')
const PREDICTED = predictHighestRate(MEASURED, SLO, 1)

const RATIOS = [0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15]

/** Validates with a search that tried these multiples of the predicted rate, with so many requests each. */
function searched(ratios: readonly number[], requests: number): HeldOutValidation {
  const trials = ratios.map((ratio, seed) =>
    rateKnown(SERVER, { block: SEARCH_BLOCK, workers: 1, ratePerS: ratio * PREDICTED, requests, seed }),
  )
  const { model, workload } = MEASURED
  return validateMeasured({ ...MEASURED, rates: [...MEASURED.rates, ...trials] }, [
    { model, workload, workers: 1, slo: SLO },
  ])
}

describe('a highest rate', () => {
  test('is what all trials of its search determine, with what of the error is chance', () => {
    const { rows, complete } = searched([...RATIOS, ...RATIOS, ...RATIOS], 8000)
    const row = rows.find(({ what }) => what === 'highest rate')
    expect(row?.passed).toBe(true)
    expect(row?.measured).toBeGreaterThan(0.9 * PREDICTED)
    expect(row?.measured).toBeLessThan(1.1 * PREDICTED)
    expect(row?.chance).toBeGreaterThan(0)
    expect(row?.chance).toBeLessThan(0.05)
    expect(complete).toBe(true)
  })

  test.each([
    ['is known too little', [...RATIOS, ...RATIOS], 2500, 'with 95 % confidence'],
    ['its trials do not show', [0.85, 1, 1.15, 1.2], 1500, 'do not determine it'],
    ['was never exceeded', [0.3, 0.35, 0.4, 0.45], 2000, 'do not determine it'],
    ['nothing was tried of', [], 2000, 'do not determine it'],
  ])('that %s is left open, and the whole is not complete', (_, ratios, requests, words) => {
    const { rows, complete, notes } = searched(ratios, requests)
    expect(rows.some(({ what }) => what === 'highest rate')).toBe(false)
    expect(rows.length).toBeGreaterThan(0)
    expect(complete).toBe(false)
    expect(notes.join(' ')).toContain(words)
  })
})

test('where no rate is predicted to do, the search begins below what was answered at saturation', () => {
  const measurement = MEASURED
  const most = Math.max(...measurement.saturations.map(({ throughputPerS }) => throughputPerS))
  const { lowestPerS, highestPerS } = rangeAround(0, measurement)
  expect(lowestPerS).toBeGreaterThan(0)
  expect(lowestPerS).toBeLessThan(highestPerS)
  expect(highestPerS).toBeGreaterThan(most / 2)
  expect(rangeAround(100, measurement).likely?.lowPerS).toBeGreaterThan(50)
})
