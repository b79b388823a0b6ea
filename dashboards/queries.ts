import { METRICS, type MetricKey } from '../core/metrics.ts'

/** One query of a panel. */
export interface Query {
  readonly expr: string
  /** Name of its series, with labels in double braces. */
  readonly legend: string
  /** Only the last value, for tables. */
  readonly instant?: boolean
}

/** Part of a histogram's series. */
export type Suffix = '' | '_bucket' | '_count' | '_sum'

/** What the reader chose above the panels, as label matchers. */
const CHOSEN = ['job=~"$job"', 'instance=~"$instance"', 'run_id=~"$run_id"', 'model=~"$model"', 'workload=~"$workload"']

/** A metric of the catalogue narrowed to what the reader chose, and to further matchers. */
export function metric(key: MetricKey, suffix: Suffix = '', ...matchers: readonly string[]): string {
  return selector(`${METRICS[key].name}${suffix}`, ...matchers)
}

/** Any series, one that Prometheus makes itself for example, narrowed to what the reader chose. */
export function selector(name: string, ...matchers: readonly string[]): string {
  return `${name}{${[...CHOSEN, ...matchers].join(',')}}`
}

/** Rate of a counter over the panel's own interval. */
export function rate(key: MetricKey, suffix: Suffix = '', ...matchers: readonly string[]): string {
  return `rate(${metric(key, suffix, ...matchers)}[$__rate_interval])`
}

/** Rise of a counter over the time that the dashboard shows. */
export function riseInRange(key: MetricKey, suffix: Suffix = '', ...matchers: readonly string[]): string {
  return `increase(${metric(key, suffix, ...matchers)}[$__range])`
}

/**
 * Rise of a counter that is zero until its series appears, over the time that the dashboard shows: its value at the end
 * less that at the beginning. Unlike `increase()` it misses nothing of a trial that lasts a few readings only.
 */
export function countInRange(key: MetricKey, suffix: Suffix = '', ...matchers: readonly string[]): string {
  const counter = metric(key, suffix, ...matchers)
  const last = `last_over_time(${counter}[$__range])`
  return `${last} - (${counter} offset $__range or 0 * ${last})`
}

/** A quantile of a histogram by some labels, over the panel's own interval. */
export function quantile(
  q: number | string,
  key: MetricKey,
  by: readonly string[],
  ...matchers: readonly string[]
): string {
  return `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${rate(key, '_bucket', ...matchers)}))`
}
