import { deriveSeed, seededRandom, standardNormal } from '../../core/random.ts'
import { UNBOUNDED, type Estimate } from '../../core/records.ts'
import { mean, standardDeviation } from '../statistics/sample.ts'
import { tQuantile } from '../statistics/student.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { errorAt, type ModelError } from './model-error.ts'
import { latencyS, loadsOf, simulateScenario, type Loads, type Scenario } from './scenario-simulation.ts'
import type { ServiceModel } from './service-model.ts'
import type { LatencyGoal } from './slo.ts'

/** How much is simulated for one prediction. */
export interface Effort {
  /** Independent simulations, each with inputs drawn from their uncertainty; at least 3. */
  readonly replicates: number
  /** Counted requests of each. */
  readonly requests: number
  readonly seed: number
}

/** A foretold statistic of the latency. */
export interface PredictedLatency {
  readonly name: string
  /** Seconds, with the bounds of a two-sided 90 % interval: 95 % of the time the truth is below `high`. */
  readonly latencyS: Estimate
}

/** What is foretold of a scenario. */
export interface Prediction extends Loads {
  readonly latency: readonly PredictedLatency[]
  /** True when requests pile up without end in one simulation or more. */
  readonly overloaded: boolean
  readonly extrapolated: boolean
}

/** Inputs whose uncertainty goes into a prediction; each can be switched off to see what it contributes. */
export interface Uncertainty {
  readonly busy: boolean
  readonly model: boolean
}

/** Effort for an answer. */
export const ANSWER_EFFORT: Effort = { replicates: 8, requests: 20_000, seed: 1 }

/** Effort for each row of the tables around an answer. */
export const TABLE_EFFORT: Effort = { replicates: 6, requests: 8000, seed: 1 }

/** Foretells the latency of a scenario by simulations with the measured service times and the model's routing. */
export function predict(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  scenario: Scenario,
  goals: readonly LatencyGoal[],
  errors: readonly ModelError[],
  effort: Effort = ANSWER_EFFORT,
  uncertain: Uncertainty = { busy: true, model: true },
): Prediction {
  const busy = service.busyS(scenario.workers)
  const random = seededRandom(deriveSeed(effort.seed, 'uncertainty'))
  const loads = loadsOf(service, scenario, busy.busyS.estimate)
  const local = errors.map((error) => errorAt(error, loads.load, scenario.workers))
  const logs: number[][] = goals.map(() => [])
  let overloaded = loads.load >= 1
  for (let replicate = 0; replicate < effort.replicates && !overloaded; replicate++) {
    const factor = uncertain.busy ? Math.exp(busy.logSd * standardNormal(random)) : 1
    const seed = deriveSeed(effort.seed, replicate)
    const result = simulateScenario(measurement, service, scenario, factor, { requests: effort.requests, seed })
    overloaded = result.diverged
    for (const [i, goal] of goals.entries()) {
      const { bias, sd } = local[i] ?? errorAt(undefined, loads.load, scenario.workers)
      const deviation = uncertain.model ? sd * standardNormal(random) : 0
      logs[i]?.push(Math.log(latencyS(result, goal)) + bias + deviation)
    }
  }
  return {
    latency: goals.map((goal, i) => ({ name: goal.name, latencyS: overloaded ? ENDLESS : bounds(logs[i] ?? []) })),
    ...loads,
    overloaded,
    extrapolated: busy.extrapolated,
  }
}

const ENDLESS: Estimate = { estimate: UNBOUNDED, low: UNBOUNDED, high: UNBOUNDED }

/** Geometric mean with the bounds for one more observation, two-sided 90 %. */
function bounds(logs: readonly number[]): Estimate {
  const centre = mean(logs)
  const spread = logs.length < 2 ? 0 : standardDeviation(logs) * Math.sqrt(1 + 1 / logs.length)
  const half = logs.length < 2 ? 0 : tQuantile(0.95, logs.length - 1) * spread
  return {
    estimate: Math.exp(centre),
    low: Math.exp(centre - half),
    high: Math.min(UNBOUNDED, Math.exp(centre + half)),
  }
}
