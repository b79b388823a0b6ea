import { describe, expect, test } from 'vitest'
import { demandOf, judgeRate, rateTable } from '../../../../analysis/capacity/objective/rate-table.ts'
import { quantileS } from '../../../../analysis/capacity/simulation/simulation.ts'
import { parseSlo, type LatencyGoal } from '../../../../analysis/capacity/objective/slo.ts'
import {
  countsPass,
  extrapolateLatency,
  holdOut,
  judgeCount,
  predictHighestRate,
  validateLatency,
  validateRate,
  type CountRow,
} from '../../../../analysis/capacity/planning/validation.ts'
import { SEARCH_BLOCK } from '../../../../core/capacity.ts'
import type { Estimate } from '../../../../core/records.ts'
import { KNOWN, measureKnown, runKnown } from '../synthetic-measurement.ts'

const SERVER = { ...KNOWN, sigma: 0 }
const MEASURED = measureKnown(SERVER, { workers: [1, 2], requests: 20_000 })
const [P99] = parseSlo('p99<1s').latency as [LatencyGoal]

describe('held-out', () => {
  test('known is every other rate, those of more workers between those of the fewest', () => {
    const { known, heldOut } = holdOut(MEASURED)
    const loads = (rates: typeof heldOut): string[] =>
      rates.map(({ workers, ratePerS }) => `${workers} × ${(ratePerS / workers / 200).toFixed(1)}`)
    expect(loads(known.rates)).toEqual(['1 × 0.3', '1 × 0.7', '2 × 0.5'])
    expect(loads(heldOut)).toEqual(['1 × 0.5', '2 × 0.3', '2 × 0.7'])
  })

  test('on request nothing is known of more workers', () => {
    const { known, heldOut } = holdOut(MEASURED, { fewestOnly: true })
    expect(known.saturations.every(({ workers }) => workers === 1)).toBe(true)
    expect(heldOut.map(({ workers }) => workers)).toEqual([1, 2, 2, 2])
  })

  test('trials of a search are neither known nor held out', () => {
    const [rate] = MEASURED.rates
    if (rate === undefined) throw new Error('no rate')
    const searched = { ...MEASURED, rates: [...MEASURED.rates, { ...rate, ratePerS: 131, block: SEARCH_BLOCK }] }
    expect(holdOut(searched)).toEqual(holdOut(MEASURED))
  })

  test('p99 of every held-out rate is predicted within 20 %', () => {
    const rows = validateLatency(holdOut(MEASURED), P99)
    expect(rows.length).toBe(3)
    expect(rows.every((row) => row.goal === 0.2 && row.passed)).toBe(true)
  })

  test('two workers from one alone: shown with its error, not judged', () => {
    const rows = extrapolateLatency(MEASURED, P99)
    expect(rows.map(({ what, workers, goal }) => [what, workers, goal])).toEqual(
      Array.from({ length: 3 }, () => ['p99 from 1 alone', 2, null]),
    )
    for (const { error } of rows) expect(Math.abs(error)).toBeLessThan(0.2)
    const four = measureKnown(SERVER, { workers: [1, 2, 4], requests: 2000 })
    expect(extrapolateLatency(four, P99).every(({ workers }) => workers === 2)).toBe(true)
  })

  test('the highest rate of two workers, known from one, is within 10 % of the true one', () => {
    const slo = parseSlo('p99<25ms')
    const found = predictHighestRate(holdOut(MEASURED).known, slo, 2)
    let [low, high] = [100, 400]
    while (high - low > 2) {
      const ratePerS = (low + high) / 2
      const truth = quantileS(
        runKnown({ ...KNOWN, sigma: 0 }, { workers: 2, ratePerS, requests: 60_000, seed: 3 }),
        0.99,
      )
      if (truth < 0.025) low = ratePerS
      else high = ratePerS
    }
    expect(Math.abs(found / low - 1)).toBeLessThan(0.1)
    const measured = (ratePerS: number): Estimate => ({
      estimate: ratePerS,
      low: ratePerS * Math.exp(-0.0392),
      high: ratePerS * Math.exp(0.0392),
    })
    const judged = validateRate(holdOut(MEASURED), slo, 2, measured(low), [])
    expect(judged).toMatchObject({ what: 'highest rate', passed: true, goal: 0.1, measured: low })
    expect(judged.chance).toBeCloseTo(0.02, 4)
    expect(validateRate(holdOut(MEASURED), slo, 2, measured(low * 1.3), []).passed).toBe(false)
    // While it was searched requests cost a tenth more CPU, and a generator took 1 ms of one core in four for each.
    const trials = MEASURED.rates
      .filter(({ workers }) => workers === 2)
      .map((rate) =>
        Object.assign({}, rate, { cpuCores: 1.1 * rate.cpuCores, generatorCores: rate.achievedPerS / 1000 }),
      )
    const slower = validateRate(holdOut(MEASURED), slo, 2, measured(low), trials)
    expect(slower.predicted / found).toBeGreaterThan(0.65)
    expect(slower.predicted / found).toBeLessThan(0.9)
  })
})

describe('worker counts', () => {
  test.each([
    [4, 4, 'exact'],
    [5, 4, 'one more'],
    [6, 4, 'too many'],
    [3, 4, 'too few'],
    [null, 4, 'no plan'],
  ] as const)('%s planned, %d needed: %s', (planned, needed, verdict) => {
    expect(judgeCount(planned, needed)).toBe(verdict)
  })

  test('nine of ten must be near and at most one of twenty too few', () => {
    const rows = (verdicts: readonly CountRow['verdict'][]): CountRow[] =>
      verdicts.map((verdict) => ({ routing: 'one', ratePerS: 1, objective: '', planned: 1, needed: 1, verdict }))
    const near = Array.from({ length: 18 }, () => 'exact' as const)
    expect(countsPass(rows([...near, 'too many', 'too few']))).toBe(true)
    expect(countsPass(rows([...near, 'too few', 'too few']))).toBe(false)
    expect(countsPass(rows([...near, 'too many', 'too many', 'one more']))).toBe(true)
    expect(countsPass(rows([...near, 'no plan', 'no plan']))).toBe(true)
    expect(countsPass(rows([...near, 'no plan', 'no plan', 'no plan']))).toBe(false)
    expect(countsPass(rows([...near.slice(0, 8), 'too many', 'too many']))).toBe(false)
  })
})

describe('rates', () => {
  test('a table judges each rate by the objective', () => {
    const table = rateTable(MEASURED, parseSlo('p99<22ms,errors<1%'))
    expect(table.map(({ workers }) => workers)).toEqual([1, 1, 1, 2, 2, 2])
    expect(table[0]?.load).toBeCloseTo(0.3, 1)
    expect(table[0]?.met).toBe(true)
    expect(table[2]).toMatchObject({ met: false })
    expect(table[2]?.missed[0]).toContain('p99')
  })

  test('the demand is the slope over rates, and needs three', () => {
    expect(demandOf(MEASURED, 1)?.demandS.estimate).toBeCloseTo(0.005, 6)
    expect(demandOf({ ...MEASURED, rates: MEASURED.rates.slice(0, 2) }, 1)).toBeNull()
  })

  test('failed requests count', () => {
    const [rate] = MEASURED.rates
    if (rate === undefined) throw new Error('no rate')
    expect(judgeRate({ ...rate, errorRatio: 0.02 }, parseSlo('p99<1s,errors<1%')).missed).toEqual([
      'errors 2 %, wanted at most 1 %',
    ])
  })
})
