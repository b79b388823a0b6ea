import { type Metric, Registry } from 'prom-client'
import type { HistogramValue, Labels, MetricValue } from './exposition.ts'
import type { MetricSpec } from './metrics.ts'

/** One line of a metric as prom-client's registry takes it. */
interface RegistryValue {
  readonly metricName: string
  readonly labels: Record<string, string>
  readonly value: number
}

/**
 * Writes values in the Prometheus text format 0.0.4 with prom-client's registry, grouped by metric, each with HELP and
 * TYPE. `extra` labels come first on every series. The values are counted elsewhere (in shared memory, in /proc), since
 * prom-client's own counters would cost each request a tenth of its CPU; the registry only names and renders them.
 */
export function renderExposition(
  values: readonly (MetricValue | HistogramValue)[],
  extra: Labels = {},
): Promise<string> {
  const families = new Map<MetricSpec, RegistryValue[]>()
  for (const value of values) {
    const lines = families.get(value.spec) ?? []
    families.set(value.spec, lines)
    const labels = { ...extra, ...value.labels }
    if ('counts' in value) lines.push(...histogramLines(value, labels))
    else lines.push({ metricName: value.spec.name, labels, value: value.value })
  }
  const registry = new Registry()
  for (const [{ name, help, kind }, lines] of families) {
    const metric = { name, get: async () => ({ name, help, type: kind, values: lines, aggregator: 'sum' }) }
    registry.registerMetric(metric as unknown as Metric)
  }
  return registry.metrics()
}

function histogramLines(histogram: HistogramValue, labels: Record<string, string>): RegistryValue[] {
  const { name, buckets = [] } = histogram.spec
  let cumulative = 0
  const lines = histogram.counts.map((count, i): RegistryValue => {
    cumulative += count
    const le = buckets[i] === undefined ? '+Inf' : String(buckets[i])
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative }
  })
  lines.push({ metricName: `${name}_sum`, labels, value: histogram.sum })
  lines.push({ metricName: `${name}_count`, labels, value: cumulative })
  return lines
}
