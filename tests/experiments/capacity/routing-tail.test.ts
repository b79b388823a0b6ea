import { describe, expect, test } from 'vitest'
import { compareWithMeasured } from '../../../analysis/capacity/service/model-error.ts'
import { findSmallestServer } from '../../../analysis/capacity/planning/plan-search.ts'
import { basisOf } from '../../../analysis/capacity/planning/plan.ts'
import { judgeRate } from '../../../analysis/capacity/objective/rate-table.ts'
import { serviceModelOf } from '../../../analysis/capacity/service/service-model.ts'
import { parseSlo } from '../../../analysis/capacity/objective/slo.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import { readMeasurements } from '../../../store/capacity-folder.ts'

/**
 * Real servers with four workers at load 0.7, recorded on 2 shared cores (Node 20.20, November 2026): three launches of
 * 12 s each, Poisson arrivals, of the app in tests/fixtures/apps/occupying.mjs, whose handler occupies its thread for a
 * lognormal time of mean 5 ms (cv² 0.4) without computing, so that four workers need no four cores.
 */
const RECORDED = readMeasurements(['tests/fixtures/results/routing-tail'])
const CLUSTER = recorded('cluster')
const POOL = recorded('worker-pool')
const P99 = parseSlo('p99<1s').latency

describe('routing decides the tail of real servers', () => {
  test('p99 of node:cluster is about one and a half times that of the pool with one queue', () => {
    const ratio = measuredMs(CLUSTER) / measuredMs(POOL)
    expect(ratio).toBeGreaterThan(1.4)
    expect(ratio).toBeLessThan(1.65)
  })

  test.each([
    ['cluster', CLUSTER, 0.05],
    ['worker-pool', POOL, 0.15],
  ] as const)('%s is simulated by its own routing', (_, measurement, tolerance) => {
    expect(Math.abs(simulatedMs(measurement) / measuredMs(measurement) - 1)).toBeLessThan(tolerance)
  })

  test('behind one queue, as Erlang C has it, the same requests would have been answered far sooner', () => {
    const central = simulatedMs({ ...CLUSTER, routing: 'central-queue', executor: 'worker-pool' })
    expect(measuredMs(CLUSTER) / central).toBeGreaterThan(1.3)
  })
})

test('the plan asks for more workers than one queue would need, and the real four did miss the objective', () => {
  const slo = parseSlo('p99<29ms')
  const pooled = { ...(CLUSTER.rates[0] as (typeof CLUSTER.rates)[number]), histogram: pool(CLUSTER).toBase64() }
  expect(judgeRate(pooled, slo).met).toBe(false)
  const workersFor = (measurement: CapacityMeasurement): number => {
    const ratePerS = CLUSTER.rates[0]?.ratePerS ?? Number.NaN
    const query = { ratePerS, cores: 8, effort: { replicates: 4, requests: 20_000, seed: 1 } }
    const found = findSmallestServer(basisOf(measurement, slo), query)
    return found.kind === 'server' ? found.machines * found.workersPerMachine : Number.NaN
  }
  expect(workersFor(POOL)).toBe(4)
  expect(workersFor(CLUSTER)).toBeGreaterThan(4)
})

function recorded(model: string): CapacityMeasurement {
  const found = RECORDED.find((each) => each.model === model)
  if (found === undefined) throw new Error(`no recording of ${model}`)
  return found
}

function pool({ rates }: CapacityMeasurement): LatencyHistogram {
  return LatencyHistogram.merged(rates.map(({ histogram }) => LatencyHistogram.fromBase64(histogram)))
}

function measuredMs(measurement: CapacityMeasurement): number {
  return (pool(measurement).quantileUs(0.99) ?? Number.NaN) / 1000
}

/** p99 of the simulation with the arrivals that were sent; slices that others disturbed count as well, as they were recorded. */
function simulatedMs(measurement: CapacityMeasurement): number {
  const all = { ...measurement, rates: measurement.rates.map((rate) => ({ ...rate, disturbed: [] })) }
  const [comparison] = compareWithMeasured(all, serviceModelOf(all), P99, { requests: 1000, seed: 1 })
  return (comparison?.simulatedS[0] ?? Number.NaN) * 1000
}
