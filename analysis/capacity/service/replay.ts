import type { CapacityMeasurement, MeasuredRate, SentArrivals } from '../../../core/capacity.ts'
import { deriveSeed, seededRandom } from '../../../core/random.ts'
import { mean, standardDeviation } from '../../statistics/sample.ts'
import { gapSampler } from '../simulation/arrivals.ts'
import { latencyS, simulateScenario, type Scenario } from './scenario-simulation.ts'
import type { ServiceModel } from './service-model.ts'
import { hasEnoughSamplesPerSlice, slownessOf, trimmedGeometricMean } from './situations.ts'
import type { SimulationResult } from '../simulation/specification.ts'
import type { LatencyGoal } from '../objective/slo.ts'

/** What simulations of a measured situation found. */
export interface Replay {
  /** One entry a goal, in seconds; Infinity where requests pile up without end. */
  readonly simulatedS: readonly number[]
  /**
   * Variance of ln(measured / simulated) if the simulation were the truth: what is left to chance. One entry a goal;
   * null where the arrivals are not known, so that chance cannot be estimated.
   */
  readonly variances: readonly number[] | null
}

/** Simulations of each situation: same arrivals, services and choices of their own. */
const REPLICATES = 6

/** Those of one slice where only its busy time is sought. */
const SLICE_REPLICATES = 2

/** Most requests in flight, as a share of all, beyond which a replay is hopeless. */
const HOPELESS = 0.9

/**
 * Simulates what was measured at one rate. Where the arrivals can be made again the very same ones are simulated, on a
 * machine as fast as it was then, so that nothing but services and choices is left to chance; else one long run of
 * Poisson arrivals stands for them. Like the measured latencies, the simulated ones are the trimmed mean of the slices
 * where these are long enough.
 */
export function replay(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  scenario: Scenario,
  rates: readonly MeasuredRate[],
  goals: readonly LatencyGoal[],
  run: { readonly requests: number; readonly seed: number },
): Replay {
  const sent = rates.flatMap(({ ratePerS, arrivals }) => (arrivals === undefined ? [] : [{ ratePerS, arrivals }]))
  if (sent.length < rates.length) {
    const result = simulateScenario(measurement, service, scenario, 1, run)
    return { simulatedS: goals.map((goal) => latencyS(result, goal)), variances: null }
  }
  const counted = sent.map(countedOf)
  const slowness = rates.map((rate) => slownessOf(measurement, service, [rate]))
  const logs = Array.from({ length: REPLICATES }, (_, replicate) => {
    const slices = counted.map((slice, block) =>
      simulateCounted(
        measurement,
        service,
        scenario,
        slice,
        slowness[block] ?? 1,
        deriveSeed(run.seed, replicate, block),
      ),
    )
    return goals.map((goal) =>
      Math.log(
        hasEnoughSamplesPerSlice(rates, goal)
          ? trimmedGeometricMean(slices.map((each) => latencyS(each, goal)))
          : latencyS(pooled(slices), goal),
      ),
    )
  })
  return {
    simulatedS: goals.map((_, i) => Math.exp(mean(logs.map((each) => each[i] as number)))),
    variances: goals.map((_, i) => {
      const values = logs.map((each) => each[i] as number)
      return values.every(Number.isFinite) ? standardDeviation(values) ** 2 * (1 + 1 / REPLICATES) : 0
    }),
  }
}

/**
 * Quantiles of the latency in seconds that the arrivals of one slice would meet if requests kept workers busy
 * `busyFactor` times as long; Infinity where requests pile up without end.
 */
export function replayArrivals(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  scenario: Scenario,
  arrivals: SentArrivals,
  busyFactor: number,
  quantiles: readonly number[],
): number[] {
  const slice = countedOf({ ratePerS: scenario.ratePerS, arrivals })
  const pool = pooled(
    Array.from({ length: SLICE_REPLICATES }, (_, replicate) =>
      simulateCounted(measurement, service, scenario, slice, busyFactor, deriveSeed(replicate, 'slice')),
    ),
  )
  return quantiles.map((quantile) => latencyS(pool, { quantile }))
}

/** How many arrivals a load had before counting began, and while it counted. */
export function countArrivals(
  ratePerS: number,
  { seed, warmupS, durationS }: SentArrivals,
): { readonly before: number; readonly after: number } {
  const gapS = gapSampler({ kind: 'poisson', ratePerS }, seededRandom(deriveSeed(seed, 'arrivals')))
  let [before, after] = [0, 0]
  for (let atS = gapS(); atS < warmupS + durationS; atS += gapS()) {
    if (atS < warmupS) before++
    else after++
  }
  return { before, after }
}

/** Arrivals that were sent, with how many of them came before counting and how many then. */
type CountedArrivals = { readonly ratePerS: number; readonly arrivals: SentArrivals } & ReturnType<typeof countArrivals>

function countedOf({ ratePerS, arrivals }: { ratePerS: number; arrivals: SentArrivals }): CountedArrivals {
  return { ratePerS, arrivals, ...countArrivals(ratePerS, arrivals) }
}

function simulateCounted(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  scenario: Scenario,
  { ratePerS, arrivals, before, after }: CountedArrivals,
  busyFactor: number,
  seed: number,
): SimulationResult {
  return simulateScenario(
    measurement,
    service,
    { ...scenario, ratePerS },
    busyFactor,
    { requests: after, seed },
    { seed: arrivals.seed, warmupRequests: before, maxInFlight: Math.max(1000, HOPELESS * after) },
  )
}

function pooled(results: readonly { readonly sortedS: Float64Array; readonly meanS: number }[]): {
  sortedS: Float64Array
  meanS: number
} {
  const sortedS = new Float64Array(results.reduce((sum, { sortedS: each }) => sum + each.length, 0))
  let filled = 0
  for (const { sortedS: each } of results) {
    sortedS.set(each, filled)
    filled += each.length
  }
  sortedS.sort()
  return { sortedS, meanS: sortedS.reduce((sum, each) => sum + each, 0) / sortedS.length }
}
