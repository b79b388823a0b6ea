import type { MetricValue } from '../../../core/exposition.ts'
import { METRICS } from '../../../core/metrics.ts'

/**
 * What Redis answers to `INFO clients`, as metrics; the connection that asks is taken off again. Empty for any other
 * text.
 */
export function redisValues(info: string): MetricValue[] {
  const clients = /^connected_clients:(\d+)\r?$/m.exec(info)?.[1]
  return clients === undefined ? [] : [{ spec: METRICS.openConnections, value: Math.max(0, Number(clients) - 1) }]
}
