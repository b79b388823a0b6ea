import { type Estimate, type MeasuredTrial, UNBOUNDED, type VerdictMetric } from '../../core/records.ts'
import type { Latencies } from './latencies.ts'
import type { TrialsByBlock } from './observations.ts'
import { type LogEstimate, logMean, pairedLogRatio } from '../statistics/interval.ts'
import {
  jackknifeLogQuantile,
  jackknifeLogQuantileRatio,
  type PooledLatencies,
  samplesAbove,
} from '../statistics/pooled-quantile.ts'
import { quantileInterval } from '../statistics/quantile-interval.ts'
import { ruleOf } from './verdict-metrics.ts'

/** Samples that must lie above a quantile before it may decide anything. */
export const LEAST_SAMPLES_ABOVE = 100

/** The measured ratio of two models on one metric. */
export interface RatioEvidence {
  readonly ratio: LogEstimate
  /** Samples above the quantile in the smaller of the two pools; null for metrics with one value a trial. */
  readonly samplesAbove: number | null
}

/** The value of one trial for a metric that has one value a trial; null where it has none above 0. */
export function trialValue(trial: MeasuredTrial, metric: VerdictMetric): number | null {
  const value = metric === 'throughput' ? trial.saturation.load.achievedRatePerS : trial.saturation.cpuMsPerRequest
  return value !== null && value > 0 ? value : null
}

/**
 * The ratios candidate/baseline over the blocks in which both were measured: paired log-ratios for metrics with one
 * value a trial, pooled quantiles of slice B with their block jackknife for latencies. A metric that no block measured
 * for both is left out.
 */
export function ratioEvidence(
  metrics: readonly VerdictMetric[],
  baseline: TrialsByBlock,
  candidate: TrialsByBlock,
  latencies: Latencies,
): Map<VerdictMetric, RatioEvidence> {
  const pools = pairedPools(baseline, candidate, latencies)
  return found(metrics, (metric) => {
    const { quantile } = ruleOf(metric)
    if (quantile === null) return pairedEvidence(metric, baseline, candidate)
    const ratio = jackknifeLogQuantileRatio(pools.baseline, pools.candidate, quantile)
    if (ratio === null) return null
    const above = Math.min(samplesAbove(pools.baseline, quantile), samplesAbove(pools.candidate, quantile))
    return { ratio, samplesAbove: above }
  })
}

/**
 * The levels of one model alone, on the log scale: mean of the block values, or a pooled quantile in milliseconds with
 * its jackknife. A metric without a value is left out.
 */
export function levelEvidence(
  metrics: readonly VerdictMetric[],
  trials: TrialsByBlock,
  latencies: Latencies,
): Map<VerdictMetric, RatioEvidence> {
  const pool = latencies.pool([...trials.values()])
  return found(metrics, (metric) => {
    const { quantile } = ruleOf(metric)
    if (quantile === null) {
      const values = [...trials.values()].map((trial) => trialValue(trial, metric)).filter((value) => value !== null)
      return values.length === 0 ? null : { ratio: logMean(values.map(Math.log)), samplesAbove: null }
    }
    const level = jackknifeLogQuantile(pool, quantile)
    if (level === null) return null
    return { ratio: { ...level, log: level.log - Math.log(1000) }, samplesAbove: samplesAbove(pool, quantile) }
  })
}

/** The 95 % interval of a pooled quantile in milliseconds; null where too few samples lie above it or nothing bounds it. */
export function quantileIntervalMs(pool: PooledLatencies, q: number): Estimate | null {
  const interval = samplesAbove(pool, q) < LEAST_SAMPLES_ABOVE ? null : quantileInterval(pool, q, 0.95)
  if (interval === null) return null
  const { estimate, low, high } = interval
  if (!(low > 0) && high === UNBOUNDED) return null
  return { estimate: estimate / 1000, low: low / 1000, high: high === UNBOUNDED ? UNBOUNDED : high / 1000 }
}

function found(
  metrics: readonly VerdictMetric[],
  evidenceOn: (metric: VerdictMetric) => RatioEvidence | null,
): Map<VerdictMetric, RatioEvidence> {
  return new Map(
    metrics.flatMap((metric) => {
      const evidence = evidenceOn(metric)
      return evidence === null ? [] : [[metric, evidence] as const]
    }),
  )
}

function pairedEvidence(
  metric: VerdictMetric,
  baseline: TrialsByBlock,
  candidate: TrialsByBlock,
): RatioEvidence | null {
  const pairs = pairsOf(baseline, candidate, (trial) => trialValue(trial, metric))
  if (pairs.length === 0) return null
  return {
    ratio: pairedLogRatio(
      pairs.map(([own]) => own),
      pairs.map(([, other]) => other),
    ),
    samplesAbove: null,
  }
}

function pairedPools(
  baseline: TrialsByBlock,
  candidate: TrialsByBlock,
  latencies: Latencies,
): { baseline: PooledLatencies; candidate: PooledLatencies } {
  const pairs = pairsOf(baseline, candidate, (trial) => (latencies.has(trial) ? trial : null))
  return {
    baseline: latencies.pool(pairs.map(([own]) => own)),
    candidate: latencies.pool(pairs.map(([, other]) => other)),
  }
}

/** What both models have in a block, for each block in which both have it. */
export function pairsOf<T>(
  baseline: TrialsByBlock,
  candidate: TrialsByBlock,
  valueOf: (trial: MeasuredTrial, side: 'baseline' | 'candidate') => T | null,
): (readonly [own: T, other: T])[] {
  return [...baseline].flatMap(([block, ownTrial]) => {
    const otherTrial = candidate.get(block)
    const [own, other] = [
      valueOf(ownTrial, 'baseline'),
      otherTrial === undefined ? null : valueOf(otherTrial, 'candidate'),
    ]
    return own === null || other === null ? [] : [[own, other] as const]
  })
}
