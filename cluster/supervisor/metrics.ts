import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { EXPOSITION_CONTENT_TYPE, type MetricValue } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'
import { renderExposition } from '../../core/registry.ts'
import type { Arbiter } from './arbiter.ts'
import { EXIT_REASONS, RESTART_REASONS } from './events.ts'
import { WORKER_STATES } from './lifecycle.ts'

/** What a supervisor reports about its workers, in the Prometheus text format. Reasons that have not occurred are zero: the first one is a rise. */
export function supervisorMetrics(arbiter: Arbiter): Promise<string> {
  const workers = arbiter.workers
  const values: MetricValue[] = [
    { spec: METRICS.workersDesired, value: arbiter.desired },
    // The dead are not kept: `server_worker_exits_total` counts them.
    ...WORKER_STATES.filter((state) => state !== 'dead').map((state) => ({
      spec: METRICS.workers,
      labels: { state },
      value: workers.filter((worker) => worker.state === state).length,
    })),
    ...RESTART_REASONS.map((reason) => ({
      spec: METRICS.workerRestarts,
      labels: { reason },
      value: arbiter.restarts.get(reason) ?? 0,
    })),
    ...EXIT_REASONS.map((reason) => ({
      spec: METRICS.workerExits,
      labels: { reason },
      value: arbiter.exits.get(reason) ?? 0,
    })),
  ]
  return renderExposition(values)
}

/** Serves `/metrics` and `/readyz` (200 while as many workers as desired are in service); gives the metrics' address. */
export async function serveSupervisorMetrics(arbiter: Arbiter, host: string, port: number): Promise<string> {
  const server = http.createServer((request, response) => {
    if (request.url === '/metrics') {
      void supervisorMetrics(arbiter).then((text) =>
        response.writeHead(200, { 'Content-Type': EXPOSITION_CONTENT_TYPE }).end(text),
      )
    } else if (request.url === '/readyz') {
      const ready = arbiter.workers.filter(({ state }) => state === 'ready').length
      response.writeHead(ready >= arbiter.desired ? 200 : 503).end()
    } else {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return `http://${host}:${(server.address() as AddressInfo).port}/metrics`
}
