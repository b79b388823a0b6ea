import { expect, test } from 'vitest'
import { errorAt } from '../../../../analysis/capacity/service/model-error.ts'
import { basisOf } from '../../../../analysis/capacity/planning/plan.ts'
import { ANSWER_EFFORT, predict, type Prediction } from '../../../../analysis/capacity/planning/prediction.ts'
import { latencyS, simulateScenario, type Scenario } from '../../../../analysis/capacity/service/scenario-simulation.ts'
import { parseSlo, type LatencyGoal } from '../../../../analysis/capacity/objective/slo.ts'
import { seededRandom, standardNormal } from '../../../../core/random.ts'
import { KNOWN, measureKnown } from '../synthetic-measurement.ts'

const SLO = parseSlo('p99<100ms')
const [GOAL] = SLO.latency as [LatencyGoal]

/** Three workers from measurements of one and two, between blocks of which the machine varies by 4 %. */
const BASIS = basisOf(measureKnown({ ...KNOWN, noise: 0.04 }, { workers: [1, 2] }), SLO)
const SCENARIO: Scenario = { workers: 3, ratePerS: 390, cores: 4 }

function predicted(seed: number, uncertain = { busy: true, model: true }): Prediction['latency'][number] | undefined {
  const { measurement, service, errors } = BASIS
  return predict(measurement, service, SCENARIO, [GOAL], errors, { ...ANSWER_EFFORT, seed }, uncertain).latency[0]
}

test('the bounds are those of many draws of what is uncertain', () => {
  const { measurement, service, errors } = BASIS
  const busy = service.busyS(SCENARIO.workers)
  const random = seededRandom(7)
  const { low = 0, high = 0, estimate = 0 } = predicted(1)?.latencyS ?? {}
  const { bias, sd } = errorAt(
    errors[0],
    (SCENARIO.ratePerS * busy.busyS.estimate) / SCENARIO.workers,
    SCENARIO.workers,
  )
  const draws = Array.from({ length: 200 }, (_, seed) => {
    const factor = Math.exp(busy.logSd * standardNormal(random))
    const result = simulateScenario(measurement, service, SCENARIO, factor, { requests: 15_000, seed })
    return latencyS(result, GOAL) * Math.exp(bias + sd * standardNormal(random))
  })
  const share = (of: (drawnS: number) => boolean): number => draws.filter(of).length / draws.length
  expect(busy.logSd).toBeGreaterThan(0.04)
  expect(Math.abs(share((drawnS) => drawnS < high) - 0.95)).toBeLessThan(0.05)
  expect(Math.abs(share((drawnS) => drawnS < low) - 0.05)).toBeLessThan(0.05)
  expect(Math.abs(share((drawnS) => drawnS < estimate) - 0.5)).toBeLessThan(0.1)
})

test('the upper bound does not hang on the luck of a seed', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => predicted(seed)?.latencyS.high ?? Infinity)
  expect(Math.max(...bounds) / Math.min(...bounds)).toBeLessThan(1.12)
})

test('what is taken as certain makes the interval narrower', () => {
  const width = (uncertain: { busy: boolean; model: boolean }): number => {
    const { low = 1, high = Infinity } = predicted(1, uncertain)?.latencyS ?? {}
    return high / low
  }
  const both = width({ busy: true, model: true })
  expect(width({ busy: false, model: true })).toBeLessThan(both)
  expect(width({ busy: true, model: false })).toBeLessThan(both)
  expect(width({ busy: false, model: false })).toBeLessThan(1.1)
})
