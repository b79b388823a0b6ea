import type { VerdictMetric } from '../../core/records.ts'

/** How one metric is compared. */
export interface MetricRule {
  readonly metric: VerdictMetric
  /** δ: the least relative difference that counts. A smaller one is called `same`. */
  readonly threshold: number
  readonly higherIsBetter: boolean
  /** Quantile of the latencies of slice B; null for metrics with one value a trial. */
  readonly quantile: number | null
  /** As in "1.86× the throughput of single". */
  readonly words: string
}

/** The metrics on which models are compared, with their thresholds, in the order of a report. */
export const METRIC_RULES: readonly MetricRule[] = [
  { metric: 'throughput', threshold: 0.03, higherIsBetter: true, quantile: null, words: 'throughput' },
  { metric: 'cpu-per-request', threshold: 0.03, higherIsBetter: false, quantile: null, words: 'CPU time per request' },
  { metric: 'latency-p50', threshold: 0.05, higherIsBetter: false, quantile: 0.5, words: 'p50 latency' },
  { metric: 'latency-p95', threshold: 0.1, higherIsBetter: false, quantile: 0.95, words: 'p95 latency' },
  { metric: 'latency-p99', threshold: 0.2, higherIsBetter: false, quantile: 0.99, words: 'p99 latency' },
]

/** The rule of one metric. */
export function ruleOf(metric: VerdictMetric): MetricRule {
  const rule = METRIC_RULES.find((rule) => rule.metric === metric)
  if (rule === undefined) throw new RangeError(`Expected a metric with a rule, got "${metric}".`)
  return rule
}

/** ln(1 + δ): the threshold on the scale on which ratios are compared. */
export function logThreshold(metric: VerdictMetric): number {
  return Math.log1p(ruleOf(metric).threshold)
}

/** A threshold in words: `3 %`. */
export function thresholdText(metric: VerdictMetric): string {
  return `${Math.round(ruleOf(metric).threshold * 100)} %`
}
