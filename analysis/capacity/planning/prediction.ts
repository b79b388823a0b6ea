import { deriveSeed } from '../../../core/random.ts'
import { UNBOUNDED, type Estimate } from '../../../core/records.ts'
import { normalCdf, normalQuantile } from '../../statistics/normal.ts'
import { mean } from '../../statistics/sample.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import { leastSquares } from '../../statistics/least-squares.ts'
import { errorAt, type LocalError, type ModelError } from '../service/model-error.ts'
import { latencyS, loadsOf, simulateScenario, type Loads, type Scenario } from '../service/scenario-simulation.ts'
import type { ServiceModel } from '../service/service-model.ts'
import type { LatencyGoal } from '../objective/slo.ts'

/** How much is simulated for one prediction. */
export interface Effort {
  /** Independent simulations, each with a busy time from another stratum of what is known of it; at least 3. */
  readonly replicates: number
  /** Counted requests of each. */
  readonly requests: number
  readonly seed: number
}

/** A predicted statistic of the latency. */
export interface PredictedLatency {
  readonly name: string
  /** Seconds, with the bounds of a two-sided 90 % interval: 95 % of the time the truth is below `high`. */
  readonly latencyS: Estimate
}

/** What is predicted of a scenario. */
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
export const ANSWER_EFFORT: Effort = { replicates: 8, requests: 40_000, seed: 1 }

/** Effort for each row of the tables around an answer. */
export const TABLE_EFFORT: Effort = { replicates: 6, requests: 8000, seed: 1 }

/**
 * Predicts the latency of a scenario by simulations with the measured service times and the model's routing. The busy
 * time of each replicate lies in its own stratum of what is known of it; through their latencies a curve is laid that
 * grows as a queue does (with s / (1 − load)), so that the luck of single simulations neither widens nor narrows the
 * interval.
 */
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
  const loads = loadsOf(service, scenario, busy.busyS.estimate)
  const deviations = uncertain.busy
    ? normalStrata(effort.replicates)
    : Array.from({ length: effort.replicates }, () => 0)
  const stretchOf = (deviation: number): number => {
    const factor = uncertain.busy ? Math.exp(busy.logSd * deviation) : 1
    return Math.log(factor / Math.max(LEAST_IDLE, 1 - loads.load * factor))
  }
  const logs: number[][] = goals.map(() => [])
  let overloaded = loads.load >= 1
  for (const [replicate, deviation] of deviations.entries()) {
    if (overloaded) break
    const factor = Math.exp(busy.logSd * deviation)
    const seed = deriveSeed(effort.seed, replicate)
    const result = simulateScenario(measurement, service, scenario, factor, { requests: effort.requests, seed })
    const found = goals.map((goal) => latencyS(result, goal))
    overloaded = result.diverged || found.some((each) => !Number.isFinite(each))
    for (const [i, each] of found.entries()) logs[i]?.push(Math.log(each))
  }
  return {
    latency: goals.map((goal, i) => {
      if (overloaded) return { name: goal.name, latencyS: ENDLESS }
      const { bias, sd } = errorAt(errors[i], loads.load, scenario.workers)
      const error = { bias, sd: uncertain.model ? sd : 0 }
      return { name: goal.name, latencyS: bounds(deviations, logs[i] ?? [], stretchOf, error) }
    }),
    ...loads,
    overloaded,
    extrapolated: busy.extrapolated,
  }
}

const ENDLESS: Estimate = { estimate: UNBOUNDED, low: UNBOUNDED, high: UNBOUNDED }

/** Share of the time that workers are taken to be idle at least where a latency is laid through simulated ones. */
const LEAST_IDLE = 0.02

/** Strata of the busy time over which a predicted latency is spread: enough that its quantiles have no steps. */
const FINE_STRATA = normalStrata(64)

/**
 * Median and two-sided 90 % interval of a latency whose logarithm varies with the busy time and by the model's error.
 * `stretchOf` says of a deviation of the busy time how much of it a queue would make of its latency, as a logarithm.
 */
function bounds(
  deviations: readonly number[],
  logs: readonly number[],
  stretchOf: (deviation: number) => number,
  { bias, sd: modelSd }: LocalError,
): Estimate {
  const rows = deviations.map((deviation) => [1, stretchOf(deviation)])
  const [level = 0, slope = 0] = leastSquares(rows, logs)
  const squares = rows.reduce((sum, [, stretch = 0], i) => sum + ((logs[i] ?? 0) - level - slope * stretch) ** 2, 0)
  const luckSd = logs.length < 3 ? 0 : Math.sqrt(((squares / (logs.length - 2)) * 2) / logs.length)
  const centres = FINE_STRATA.map((deviation) => level + slope * stretchOf(deviation) + bias)
  const sd = Math.max(1e-6, Math.hypot(modelSd, luckSd))
  const quantile = (share: number): number => {
    let low = Math.min(...centres) - 6 * sd
    let high = Math.max(...centres) + 6 * sd
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2
      if (mean(centres.map((centre) => normalCdf((middle - centre) / sd))) < share) low = middle
      else high = middle
    }
    return Math.min(UNBOUNDED, Math.exp((low + high) / 2))
  }
  return { estimate: quantile(0.5), low: quantile(0.05), high: quantile(0.95) }
}

/** Middles of that many equally likely strata of the standard normal distribution, stretched to a variance of 1. */
function normalStrata(strata: number): number[] {
  const middles = Array.from({ length: strata }, (_, i) => normalQuantile((i + 0.5) / strata))
  const stretch = strata < 2 ? 0 : Math.sqrt(strata / middles.reduce((sum, middle) => sum + middle ** 2, 0))
  return middles.map((middle) => middle * stretch)
}
