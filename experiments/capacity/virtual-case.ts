import type { LatencyGoal } from '../../analysis/capacity/objective/slo.ts'
import { parseSlo, type Slo } from '../../analysis/capacity/objective/slo.ts'
import { findBasis } from '../../analysis/capacity/planning/plan.ts'
import { latencyS, simulateScenario } from '../../analysis/capacity/service/scenario-simulation.ts'
import type { Pieces } from '../../analysis/pieces.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { seededRandom } from '../../core/random.ts'

/** Most workers that are predicted: twice the most that are known. */
const MOST_WORKERS = 8

/** Objective of a case as a multiple of what the wanted count gives: at least, and at most. */
const LEAST_ROOM = 1.15
const MOST_ROOM = 1.5

/** … and at least this multiple of the best that can be reached: upper bounds are about 1.3 times their estimate. */
const BOUND_ROOM = 1.4

/** Rates that are drawn until one is clear, and how many of them for the same count of workers. */
const MOST_DRAWS = 60
const DRAWS_OF_A_COUNT = 12

/** What a case asks for. */
export interface Case {
  readonly ratePerS: number
  readonly slo: Slo
}

/**
 * A rate that takes two to six workers, and an objective half-way (on the logarithm) between what some count gives and
 * what one less gives. Drawn again until the count that is needed is clear: one less misses the objective by far, and the
 * least latency that any count can reach is further below it than a plan's upper bound is above its estimate.
 */
export function* drawCase(measurement: CapacityMeasurement, seed: number): Pieces<Case> {
  const random = seededRandom(seed)
  const slo = parseSlo('p99<1s')
  yield `${measurement.model}: a rate and an objective with a clear worker count`
  const basis = yield* findBasis(measurement, slo)
  const goal = slo.latency[0] as LatencyGoal
  const busyS = basis.service.busyS(1).busyS.estimate
  const p99 = (workers: number, ratePerS: number): number => {
    if ((ratePerS * busyS) / workers >= 0.97) return Infinity
    const scenario = { workers, ratePerS, cores: measurement.machine.cores }
    return latencyS(simulateScenario(measurement, basis.service, scenario, 1, { requests: 60_000, seed: 1 }), goal)
  }
  const draw = (wanted: number): Case & { readonly clear: boolean } => {
    const ratePerS = Number((((0.45 + 0.25 * random()) * wanted) / busyS).toPrecision(3))
    const enough = p99(wanted, ratePerS)
    const limitS = Math.min(Math.sqrt(enough * p99(wanted - 1, ratePerS)), MOST_ROOM * enough)
    const clear = limitS >= LEAST_ROOM * enough && limitS >= BOUND_ROOM * p99(MOST_WORKERS, ratePerS)
    return { ratePerS, slo: parseSlo(`p99<${(limitS * 1000).toFixed(1)}ms`), clear }
  }
  // The same count for a while: where it were drawn anew each time, few workers, which are clear more often, would prevail.
  let wanted = 2 + Math.floor(random() * 5)
  yield
  let drawn = draw(wanted)
  for (let i = 1; i < MOST_DRAWS && !drawn.clear; i++) {
    if (i % DRAWS_OF_A_COUNT === 0) wanted = 2 + Math.floor(random() * 5)
    yield
    drawn = draw(wanted)
  }
  return drawn
}
