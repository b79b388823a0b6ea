import { LatencyHistogram } from '../../../core/histogram.ts'
import { deriveSeed } from '../../../core/random.ts'
import { countsOf, jackknifeLogQuantile, PooledLatencies } from '../../statistics/pooled-quantile.ts'
import { finish, type Pieces } from '../../pieces.ts'
import type { CapacityMeasurement, MeasuredRate } from '../../../core/capacity.ts'
import type { ServiceModel } from './service-model.ts'
import { replay } from './replay.ts'
import { loadsOf } from './scenario-simulation.ts'
import { hasEnoughSamplesPerSlice, scenarioOf, situationsOf, trimmedGeometricMean } from './situations.ts'
import type { LatencyGoal } from '../objective/slo.ts'

/** One measured situation beside its simulation. */
export interface Comparison {
  readonly workers: number
  readonly ratePerS: number
  readonly load: number
  /** One entry a goal; null where there were too few samples above the quantile to resolve it. */
  readonly measuredS: readonly (number | null)[]
  readonly simulatedS: readonly number[]
  /**
   * Variance of the logarithm of each measured value about the simulated one that is chance: from simulating the same
   * arrivals again, or else from leaving out blocks (0 where there is only one block).
   */
  readonly variances: readonly number[]
}

/** How far the simulation is from the truth for one goal: what was found at the loads that were measured. */
export interface ModelError {
  readonly goal: string
  readonly residuals: readonly Residual[]
}

/** ln(measured / simulated) at one load, with the part of its variance that is the measurement's own. */
export interface Residual {
  readonly load: number
  readonly workers: number
  readonly log: number
  readonly variance: number
}

/** The error at one load, as a logarithm. */
export interface LocalError {
  readonly bias: number
  readonly sd: number
}

/** Error that is assumed where nothing was measured: two thirds of predictions within 15 %. */
const ASSUMED_SD = 0.15

/** By how much the error of one situation differs from that of another nearby, chance apart (assumed). */
const NEARBY_SD = 0.1

/** What the assumption counts beside one measured error without chance: as its variance is that much larger. */
const ASSUMPTION_WEIGHT = (NEARBY_SD / ASSUMED_SD) ** 2

/** No simulation is trusted more than this. */
const LEAST_SD = 0.03

/** Distances at which a measurement counts 0.6 of one at the same place: in load, and in doublings of the workers. */
const NEARBY = { load: 0.4, doublings: 2 } as const

/** Situations above this load are not compared: small errors of the rate make large ones of the latency there. */
const HIGHEST_LOAD = 0.9

/** Samples that a quantile needs above it. */
const LEAST_ABOVE = 5

/** Simulates every measured situation and sets the two side by side. */
export function compareWithMeasured(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  goals: readonly LatencyGoal[],
  run: { readonly requests: number; readonly seed: number },
): Comparison[] {
  return finish(compareSituations(measurement, service, goals, run))
}

/** As {@link compareWithMeasured}, one situation at a time. */
export function* compareSituations(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  goals: readonly LatencyGoal[],
  run: { readonly requests: number; readonly seed: number },
): Pieces<Comparison[]> {
  const comparisons: Comparison[] = []
  for (const [key, rates] of situationsOf(measurement.rates)) {
    yield
    const scenario = scenarioOf(measurement, rates)
    const { load } = loadsOf(service, scenario, service.busyS(scenario.workers).busyS.estimate)
    const histograms = rates.map((rate) => LatencyHistogram.fromBase64(rate.histogram))
    const pool = new PooledLatencies(histograms.map(countsOf))
    const { simulatedS, variances } =
      load >= 1
        ? { simulatedS: goals.map(() => Infinity), variances: null }
        : replay(measurement, service, scenario, rates, goals, { ...run, seed: deriveSeed(run.seed, key) })
    comparisons.push({
      workers: scenario.workers,
      ratePerS: scenario.ratePerS,
      load,
      measuredS: goals.map((goal) => measuredOverS(rates, histograms, goal)),
      simulatedS,
      variances: variances ?? goals.map((goal) => varianceOf(pool, goal)),
    })
  }
  return comparisons
}

/** The error of the simulation for each goal, from the situations that were measured at loads up to 0.9. */
export function modelErrors(comparisons: readonly Comparison[], goals: readonly LatencyGoal[]): ModelError[] {
  return goals.map((goal, i) => ({
    goal: goal.name,
    residuals: comparisons.flatMap(({ load, workers, measuredS, simulatedS, variances }) => {
      const measured = measuredS[i] ?? null
      if (load > HIGHEST_LOAD || measured === null || !Number.isFinite(simulatedS[i])) return []
      return [{ load, workers, log: Math.log(measured / (simulatedS[i] as number)), variance: variances[i] as number }]
    }),
  }))
}

/**
 * The error at a load with that many workers: mean and spread of the residuals, nearer loads and worker counts counting
 * more (Gaussian kernel) and chance making them count less, drawn towards no bias and the assumed spread. What the
 * measurements vary by themselves is taken out of the spread.
 */
export function errorAt(error: ModelError | undefined, load: number, workers: number): LocalError {
  const residuals = error?.residuals ?? []
  const weights = residuals.map((residual) => {
    const away = (residual.load - load) / NEARBY.load
    const doublings = Math.log2(residual.workers / workers) / NEARBY.doublings
    const certainty = NEARBY_SD ** 2 / (NEARBY_SD ** 2 + residual.variance)
    return certainty * Math.exp(-(away ** 2 + doublings ** 2) / 2)
  })
  const total = ASSUMPTION_WEIGHT + weights.reduce((sum, weight) => sum + weight, 0)
  const weighted = (of: (residual: Residual) => number): number =>
    residuals.reduce((sum, residual, i) => sum + (weights[i] as number) * of(residual), 0) / total
  const bias = weighted((residual) => residual.log)
  const spread =
    weighted((residual) => (residual.log - bias) ** 2 - residual.variance) +
    (ASSUMPTION_WEIGHT * ASSUMED_SD ** 2) / total
  return { bias, sd: Math.max(LEAST_SD, Math.sqrt(Math.max(0, spread))) }
}

/**
 * A statistic of a situation's latencies in seconds: that of its usual slices where they are long enough, else that of
 * all together; null with fewer than five samples above the quantile.
 */
export function measuredOverS(
  rates: readonly MeasuredRate[],
  histograms: readonly LatencyHistogram[],
  goal: LatencyGoal,
): number | null {
  if (!hasEnoughSamplesPerSlice(rates, goal)) return measuredS(LatencyHistogram.merged(histograms), goal, LEAST_ABOVE)
  return trimmedGeometricMean(histograms.map((histogram) => measuredS(histogram, goal, 0) ?? 0))
}

/** A statistic of measured latencies in seconds; null with fewer samples above the quantile than `leastAbove`. */
export function measuredS(histogram: LatencyHistogram, goal: LatencyGoal, leastAbove: number): number | null {
  const summary = histogram.summaryMs()
  if (goal.quantile === null) return summary.mean === null ? null : summary.mean / 1000
  if (goal.quantile === 1) return summary.max === null ? null : summary.max / 1000
  if (histogram.count * (1 - goal.quantile) < leastAbove) return null
  const us = histogram.quantileUs(goal.quantile)
  return us === null ? null : us / 1e6
}

function varianceOf(pool: PooledLatencies, goal: LatencyGoal): number {
  if (pool.blocks < 2 || goal.quantile === null || goal.quantile === 1) return 0
  return (jackknifeLogQuantile(pool, goal.quantile)?.standardError ?? 0) ** 2
}
