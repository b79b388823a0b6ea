import type { MetricValue } from '../../../core/exposition.ts'
import { METRICS } from '../../../core/metrics.ts'

/**
 * What HAProxy answers to `show stat` (CSV, one line for each frontend, backend and server), as metrics: connections of
 * clients, and requests that are with a process or wait for one. Empty for any other text.
 */
export function haproxyValues(csv: string): MetricValue[] {
  const [head = '', ...lines] = csv.split('\n')
  const columns = head.replace(/^# /, '').split(',')
  const rows = lines
    .map((line) => new Map(line.split(',').map((value, index) => [columns[index] ?? '', value])))
    .filter((row) => row.has('svname'))
  const sum = (svname: string, column: string): number | null => {
    const values = rows.filter((row) => row.get('svname') === svname).map((row) => Number(row.get(column) ?? ''))
    return values.length === 0 || values.some(Number.isNaN) ? null : values.reduce((total, value) => total + value, 0)
  }
  const connections = sum('FRONTEND', 'scur')
  const [active, queued] = [sum('BACKEND', 'scur'), sum('BACKEND', 'qcur')]
  return [
    ...(connections === null ? [] : [{ spec: METRICS.openConnections, value: connections }]),
    ...(active === null || queued === null ? [] : [{ spec: METRICS.activeRequests, value: active + queued }]),
  ]
}
