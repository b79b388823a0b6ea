import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { EXPOSITION_CONTENT_TYPE } from '../../core/exposition.ts'
import { HEARTBEAT_PATH, HEARTBEATS_MS, HEARTBEATS_PATH, type HeartbeatReading, LOOK_MS } from '../../core/heartbeat.ts'
import { BLOCKED_S } from '../../core/timeline.ts'
import { LAUNCH_ENV } from '../../core/unit.ts'
import { bindError } from '../listen.ts'

/** What a metrics server shows. */
export interface MetricsPages {
  /** The exposition under a path, e.g. `/metrics`; null when there is nothing. */
  metrics(path: string): Promise<string> | null
  /** What `/heartbeat` and each line of `/heartbeats` says. */
  heartbeat(): HeartbeatReading
  /** Seconds since the event loop turned. */
  ageS(): number
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
 * Serves `/metrics`, `/heartbeat`, `/heartbeats`, `/healthz` and `/readyz` on a port of its own. It listens for itself also
 * in a worker of node:cluster, where other servers share the primary's port. Throws PORT_TAKEN when another process has the port.
 */
export async function serveMetrics(host: string, port: number, pages: MetricsPages): Promise<MetricsServer> {
  const server = http.createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const metrics = path.startsWith('/metrics') ? pages.metrics(path) : null
    if (metrics !== null) void metrics.then((text) => send(response, 200, EXPOSITION_CONTENT_TYPE, text))
    else if (path === HEARTBEAT_PATH) send(response, 200, 'application/json', JSON.stringify(pages.heartbeat()))
    else if (path === HEARTBEATS_PATH) streamHeartbeats(response, pages)
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

/** Writes heartbeats, a line each, until nobody reads any more; who reads slowly misses some. */
function streamHeartbeats(response: http.ServerResponse, pages: MetricsPages): void {
  response.useChunkedEncodingByDefault = false
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', Connection: 'close' })
  let wasBlocked = false
  let looks = 0
  const look = (): void => {
    const isBlocked = pages.ageS() > BLOCKED_S
    const isDue = looks++ % (HEARTBEATS_MS / LOOK_MS) === 0
    if ((!isDue && isBlocked === wasBlocked) || response.writableNeedDrain) return
    wasBlocked = isBlocked
    response.write(`${JSON.stringify(pages.heartbeat())}\n`)
  }
  look()
  const timer = setInterval(look, LOOK_MS)
  response.once('close', () => clearInterval(timer))
}

function sendStatus(response: http.ServerResponse, { ok, status }: { ok: boolean; status: string }): void {
  send(response, ok ? 200 : 503, 'application/json', JSON.stringify({ status }))
}

function send(response: http.ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
