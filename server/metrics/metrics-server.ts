import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { EXPOSITION_CONTENT_TYPE } from '../../core/exposition.ts'
import { HEARTBEAT_PATH, type HeartbeatReading } from '../../core/heartbeat.ts'
import { LAUNCH_ENV } from '../../core/unit.ts'
import { bindError } from '../listen.ts'

/** What a metrics server shows. */
export interface MetricsPages {
  /** The exposition under a path, e.g. `/metrics`; null when there is nothing. */
  metrics(path: string): Promise<string> | null
  /** What `/heartbeat` says. */
  heartbeat(): HeartbeatReading
  /** What `/healthz` says: false answers 503. */
  healthy(): { readonly ok: boolean; readonly status: string }
  /** What `/readyz` says: false answers 503. */
  ready(): { readonly ok: boolean; readonly status: string }
}

/** A metrics server that listens. */
export interface MetricsServer {
  /** Base address without a trailing slash. */
  readonly url: string
  close(): void
}

/**
 * Serves `/metrics`, `/heartbeat`, `/healthz` and `/readyz` on a port of its own. It listens for itself also in a worker of
 * node:cluster, where other servers share the primary's port. Throws PORT_TAKEN when another process has the port.
 */
export async function serveMetrics(host: string, port: number, pages: MetricsPages): Promise<MetricsServer> {
  const server = http.createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const metrics = path.startsWith('/metrics') ? pages.metrics(path) : null
    if (metrics !== null) void metrics.then((text) => send(response, 200, EXPOSITION_CONTENT_TYPE, text))
    else if (path === HEARTBEAT_PATH) send(response, 200, 'application/json', JSON.stringify(pages.heartbeat()))
    else if (path === '/healthz') sendStatus(response, pages.healthy())
    else if (path === '/readyz') sendStatus(response, pages.ready())
    else send(response, 404, 'text/plain', 'Nothing here; try /metrics.\n')
  })
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(bindError(error, host, port, LAUNCH_ENV.metricsPort)))
    server.listen({ host, port, exclusive: true }, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function sendStatus(response: http.ServerResponse, { ok, status }: { ok: boolean; status: string }): void {
  send(response, ok ? 200 : 503, 'application/json', JSON.stringify({ status }))
}

function send(response: http.ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
