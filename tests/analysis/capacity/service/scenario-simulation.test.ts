import { describe, expect, test } from 'vitest'
import {
  latencyS,
  loadsOf,
  simulateScenario,
  type Scenario,
} from '../../../../analysis/capacity/service/scenario-simulation.ts'
import { serviceModelOf } from '../../../../analysis/capacity/service/service-model.ts'
import type { CapacityMeasurement } from '../../../../core/capacity.ts'
import { KNOWN, measureKnown } from '../synthetic-measurement.ts'

const MEASURED = measureKnown({ ...KNOWN, sigma: 0, noise: 0, cores: 2 }, { workers: [1, 2], requests: 500 })
const BUSY_S = 0.005
/** A generator that uses a tenth of a core at this rate. */
const BESIDE = { ratePerS: 100, besideCpuS: 0.001, cores: 2 } as const

describe('a generator on the same cores', () => {
  test('takes its share of each of them, however few workers compute', () => {
    const service = serviceModelOf(MEASURED)
    for (const workers of [1, 2]) {
      const { workerLoad } = loadsOf(service, { workers, ...BESIDE }, BUSY_S)
      expect(workerLoad).toBeCloseTo((100 * BUSY_S) / workers / 0.95, 6)
    }
    const { coreLoad } = loadsOf(service, { workers: 1, ...BESIDE }, BUSY_S)
    expect(coreLoad).toBeCloseTo((100 * (service.cpuS + 0.001)) / 2, 6)
  })

  test('makes unloaded requests that much slower', () => {
    expect(slowerBy(MEASURED, { workers: 1, ...BESIDE, arrivals: { kind: 'constant', ratePerS: 100 } })).toBeCloseTo(
      // Of 5.3 ms 0.3 are waiting, which nothing slows.
      (5 / 0.95 + 0.3) / 5.3,
      2,
    )
  })

  test('takes nothing from workers that only wait', () => {
    const timers: CapacityMeasurement = {
      ...MEASURED,
      saturations: MEASURED.saturations.map((each) => Object.assign({}, each, { cpuMsPerRequest: 0.01 })),
      routes: MEASURED.routes.map((each) => Object.assign({}, each, { cpuMsPerRequest: 0.01 })),
    }
    expect(slowerBy(timers, { workers: 1, ...BESIDE })).toBeCloseTo(1, 2)
  })
})

/** Mean latency of a scenario as a multiple of what it is with nothing beside the server. */
function slowerBy(measurement: CapacityMeasurement, scenario: Scenario): number {
  const service = serviceModelOf(measurement)
  const meanOf = (each: Scenario): number =>
    latencyS(simulateScenario(measurement, service, each, 1, { requests: 5000, seed: 1 }), { quantile: null })
  return meanOf(scenario) / meanOf({ ...scenario, besideCpuS: 0 })
}
