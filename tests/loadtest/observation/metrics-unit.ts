import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Unit } from '../../../core/unit.ts'

/** A unit of a server that only has metrics, with counts that the test sets. */
export interface MetricsUnit {
  readonly unit: Unit
  requests: number
  close(): void
}

/** Starts a unit of that name in this process. */
export async function startMetricsUnit(name: string): Promise<MetricsUnit> {
  const server = http.createServer((_, response) => {
    response.end(
      [
        '# TYPE http_server_request_duration_seconds histogram',
        `http_server_request_duration_seconds_bucket{http_route="/io/sleep",le="+Inf"} ${fake.requests}`,
        `http_server_request_duration_seconds_count{http_route="/io/sleep"} ${fake.requests}`,
        'http_server_request_duration_seconds_count{http_route="/readyz"} 3',
        '# TYPE nodejs_eventloop_delay_max_seconds gauge',
        'nodejs_eventloop_delay_max_seconds 0.01',
        '',
      ].join('\n'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const metricsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  const fake: MetricsUnit = {
    unit: { name, role: 'worker', pid: process.pid, metricsUrl },
    requests: 0,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
  return fake
}
