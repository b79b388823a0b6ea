import type { MetricValue } from '../../../core/exposition.ts'
import { METRICS } from '../../../core/metrics.ts'

/**
 * What NGINX's `stub_status` page reports, as metrics. The connection and the request that read the page are taken off
 * again. Its totals count every reading of the page too and cannot be put right, so they are left out. Empty for any
 * other text.
 */
export function nginxValues(page: string): MetricValue[] {
  const connections = /^Active connections: (\d+)/m.exec(page)?.[1]
  const [, reading, writing] = /^Reading: (\d+) Writing: (\d+) Waiting: \d+/m.exec(page) ?? []
  if (connections === undefined || reading === undefined || writing === undefined) return []
  return [
    { spec: METRICS.openConnections, value: Math.max(0, Number(connections) - 1) },
    { spec: METRICS.activeRequests, value: Math.max(0, Number(reading) + Number(writing) - 1) },
  ]
}
