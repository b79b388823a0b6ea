import { describe, expect, test } from 'vitest'
import { scenarioOf } from '../../../analysis/capacity/service/situations.ts'
import { countArrivals, replay } from '../../../analysis/capacity/service/replay.ts'
import { serviceModelOf } from '../../../analysis/capacity/service/service-model.ts'
import { quantileS } from '../../../analysis/capacity/simulation/simulation.ts'
import { parseSlo } from '../../../analysis/capacity/objective/slo.ts'
import type { MeasuredRate } from '../../../core/capacity.ts'
import { planArrivals } from '../../../loadtest/drivers/schedule.ts'
import { KNOWN, measureKnown, runKnown } from '../../analysis/capacity/synthetic-measurement.ts'

const SERVER = { ...KNOWN, sigma: 0 }
const MEASURED = measureKnown(SERVER, { workers: [1, 2], requests: 2000 })
const SERVICE = serviceModelOf(MEASURED)
const GOALS = parseSlo('p99<1s').latency
const RATE_PER_S = 150

test.each([1, 7, 99])('arrivals of seed %d are those that the generator sends', (seed) => {
  const sent = { seed, warmupS: 0.5, durationS: 3 }
  const schedule = planArrivals(
    { kind: 'open', arrivals: 'poisson', ratePerS: RATE_PER_S, timeoutS: 1, maxConnections: 1, ...sent },
    [{ weight: 1 }],
  )
  const before = schedule.instantsMs.filter((at) => at < 500).length
  expect(countArrivals(RATE_PER_S, sent)).toEqual({ before, after: schedule.instantsMs.length - before })
})

describe('short measurements, each with its own arrivals', () => {
  const found = Array.from({ length: 40 }, (_, seed) => compare(seed))

  test('are predicted from the same arrivals, with little left to chance', () => {
    const spread = rms(found.map(({ same }) => same))
    expect(spread).toBeLessThan(0.2)
    // Without them, the luck of the arrivals is most of the difference.
    expect(rms(found.map(({ other }) => other))).toBeGreaterThan(1.5 * spread)
  })

  test('and what is left to chance is what the variance says', () => {
    const expected = Math.sqrt(found.reduce((sum, { variance }) => sum + variance, 0) / found.length)
    const ratio = rms(found.map(({ same }) => same)) / expected
    expect(ratio).toBeGreaterThan(0.7)
    expect(ratio).toBeLessThan(1.4)
  })
})

/** ln(measured / simulated) of one short run, simulated from its own arrivals and from those of another seed. */
function compare(seed: number): { same: number; other: number; variance: number } {
  const sent = { seed, warmupS: 1, durationS: 10 }
  const { before, after } = countArrivals(RATE_PER_S, sent)
  const run = { workers: 1, ratePerS: RATE_PER_S, requests: after, warmupRequests: before, seed, arrivalSeed: seed }
  const measuredS = quantileS(runKnown(SERVER, run), 0.99)
  const rate = { ...(MEASURED.rates[0] as MeasuredRate), workers: 1, ratePerS: RATE_PER_S }
  const from = (arrivalSeed: number): ReturnType<typeof replay> => {
    const rates = [{ ...rate, arrivals: { ...sent, seed: arrivalSeed } }]
    return replay(MEASURED, SERVICE, scenarioOf(MEASURED, rates), rates, GOALS, { requests: 1000, seed: 5 })
  }
  const { simulatedS, variances } = from(seed)
  return {
    same: Math.log(measuredS / (simulatedS[0] ?? Number.NaN)),
    other: Math.log(measuredS / (from(seed + 1000).simulatedS[0] ?? Number.NaN)),
    variance: variances?.[0] ?? Number.NaN,
  }
}

function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
}
