import cluster from 'node:cluster'
import { once } from 'node:events'
import http, { type ServerResponse } from 'node:http'
import type { AddressInfo, ListenOptions, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError } from '../core/errors.ts'

/** Idle connections are kept this long, in ms: longer than any trial leaves one idle, so that none ends in a trial. */
const KEEP_ALIVE_MS = 65_000

/**
 * While a server drains, it keeps accepting for this long, in ms, and every answer says `Connection: close`, so that
 * clients leave by themselves. Closing at once would reset keep-alive connections on which a request is under way.
 */
const LAME_DUCK_MS = 800

/** How often connections that have become idle are closed, in ms: those whose answer had begun before the drain did. */
const CLOSE_IDLE_MS = 50

/** How long a cluster's primary may take to take connections back, in ms. */
const RETURN_MS = 1_000

/** Where and how a server listens. */
export interface ListenPlace {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly reusePort?: boolean
  /** Null or absent = Node's default. */
  readonly backlog?: number | null
}

/** A server that accepts requests. */
export interface Listener {
  /** Address as clients use it, without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Connections open now. */
  readonly connections: number
  readonly draining: boolean
  /**
   * Finishes the requests in flight and closes: resolves with the number of connections that had to be cut when
   * `graceS` was over. The second call gets the first one's promise.
   */
  drain(graceS: number): Promise<number>
}

/** Keeps every connection for as long as its client does: for our own app, since a user's has its own limits. */
export function keepConnections(server: http.Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.maxRequestsPerSocket = 0
}

/** Binds a server; throws PORT_TAKEN when another process has the port, START_FAILED when the system refuses. */
export async function listen(server: Server, place: ListenPlace): Promise<Listener> {
  const listener = new DrainableListener(server)
  await bind(server, place)
  listener.listensOn(server, place)
  return listener
}

async function bind(server: Server, { host, port, reusePort, backlog }: ListenPlace): Promise<void> {
  const options: ListenOptions & { reusePort?: boolean } = { host, port }
  if (reusePort === true) options.reusePort = true
  if (backlog !== null && backlog !== undefined) options.backlog = backlog
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(bindError(error, host, port, 'PORT'))
    server.once('error', failed)
    server.listen(options, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

/** Says in words why a server could not listen: PORT_TAKEN or START_FAILED. `variable` is what sets the port. */
export function bindError(error: NodeJS.ErrnoException, host: string, port: number, variable: string): ForkwiseError {
  if (error.code === 'EADDRINUSE') {
    return new ForkwiseError(
      'PORT_TAKEN',
      {
        message: `Expected port ${port} of ${host} to be free, but another process listens there.`,
        hint: `Choose another \`${variable}\`, or 0 for any free one.`,
      },
      { cause: error },
    )
  }
  return new ForkwiseError(
    'START_FAILED',
    { message: `Cannot listen on ${host}:${port}: ${error.message}.` },
    { cause: error },
  )
}

/**
 * A cluster's primary may just have dealt us a connection. It is lost, and its client waits for ever, if this process
 * ends before it has said that it does not take it (nodejs/node#21746); to disconnect in good order says so first.
 */
async function returnUnacceptedConnections(): Promise<void> {
  if (!cluster.isWorker || !process.connected) return
  const disconnected = once(process, 'disconnect')
  cluster.worker?.disconnect()
  await Promise.race([disconnected, sleep(RETURN_MS)])
}

/** A server with the sockets that it has open, so that they can be drained. Make it before the server listens. */
export class DrainableListener implements Listener {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #drained: Promise<number> | undefined
  url = ''
  port = 0

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** Notes the address. A server that something else listens for (NGINX Unit) has none of its own. */
  listensOn(server: Server, { host, port }: ListenPlace): void {
    this.port = (server.address() as AddressInfo | null)?.port ?? port
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }

  get connections(): number {
    return this.#sockets.size
  }

  get draining(): boolean {
    return this.#drained !== undefined
  }

  drain(graceS: number): Promise<number> {
    this.#drained ??= this.#drain(graceS * 1000)
    return this.#drained
  }

  async #drain(graceMs: number): Promise<number> {
    const startedMs = performance.now()
    this.#askClientsToLeave()
    const lameDuckMs = Math.min(LAME_DUCK_MS, graceMs)
    while (this.#sockets.size > 0 && performance.now() - startedMs < lameDuckMs) await sleep(10)
    const closing = new Promise<'closed'>((resolve) => this.#server.close(() => resolve('closed')))
    let outcome: 'open' | 'closed' = 'open'
    while (outcome === 'open' && performance.now() - startedMs < graceMs) {
      if (this.#server instanceof http.Server) this.#server.closeIdleConnections()
      outcome = await Promise.race([closing, sleep(CLOSE_IDLE_MS, 'open' as const)])
    }
    const cut = outcome === 'closed' ? 0 : this.#sockets.size
    if (this.#server instanceof http.Server) this.#server.closeAllConnections()
    await returnUnacceptedConnections()
    return cut
  }

  /** Lets every answer from now on say `Connection: close`, those to requests already in flight included. */
  #askClientsToLeave(): void {
    this.#server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'))
    for (const socket of this.#sockets) {
      // Node keeps the answer under way on its socket; other libraries that drain rely on the name too.
      // oxlint-disable-next-line no-underscore-dangle
      const response = (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage
      if (response && !response.headersSent) response.setHeader('Connection', 'close')
    }
  }
}
