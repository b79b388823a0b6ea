import http from 'node:http'
import https from 'node:https'
import net from 'node:net'

/** What a call of `listen` asked for. */
export interface ListenRequest {
  readonly server: net.Server
  /** Null for a unix socket. */
  readonly port: number | null
  /** Of a unix socket; null where a port was asked for. */
  readonly path: string | null
  readonly host: string | null
  readonly backlog: number | null
}

/** Where a server listens instead of where it asked to, and who wants to know when it does. */
export interface Redirection {
  readonly options: net.ListenOptions & { readonly reusePort?: boolean }
  readonly onListening: () => void
}

/**
 * What becomes of a call of `listen`: `aside` and `anywhere` are for servers that are not measured, which keep their port or
 * get any other one; `as asked` leaves it alone.
 */
export type Direction = Redirection | 'aside' | 'anywhere' | 'as asked'

/** Where servers that are not measured listen: nothing of a measured app is reachable from other machines. */
const LOOPBACK = '127.0.0.1'

type Listen = (this: net.Server, ...given: unknown[]) => net.Server

/** Node's HTTP servers inherit `listen` from TCP servers; those of Bun and Deno have one of their own. */
const PROTOTYPES: readonly net.Server[] = [
  ...new Set([net.Server.prototype, http.Server.prototype, https.Server.prototype]),
].filter((prototype) => Object.hasOwn(prototype, 'listen'))

const PLAIN_LISTEN = Reflect.get(net.Server.prototype, 'listen') as Listen

/** Stops the watch. */
export type StopWatching = () => void

/**
 * From now on every call of `listen` in this thread is shown to `direct`, which says where the server listens. One that is
 * not measured (`aside`) keeps its port on the loopback address, or gets any other one where the port is taken, mostly by
 * another worker of the same app. Every server does listen at once, so code that waits for it goes on, and `address()` has
 * an answer right after the call, as it has in Node when no host is named.
 */
export function watchListening(direct: (request: ListenRequest) => Direction): StopWatching {
  const restore = PROTOTYPES.map((prototype) => {
    const original = Reflect.get(prototype, 'listen') as Listen
    const watched: Listen = function listen(...given) {
      const request = requestOf(this, given)
      const direction = request === null ? 'as asked' : direct(request)
      if (request === null || direction === 'as asked') return original.apply(this, given)
      answerAddress(this, request)
      if (request.path !== null) standAt(request.path, this)
      const callback = given.findLast((argument) => typeof argument === 'function') as (() => void) | undefined
      if (direction === 'aside' || direction === 'anywhere') {
        if (callback) this.once('listening', callback)
        return listenAside(this, direction === 'aside' ? request : { ...request, port: 0 }, original)
      }
      // By the callback, since the server that NGINX Unit puts in the place of Node's has no event for it.
      return original.call(this, direction.options, () => {
        direction.onListening()
        callback?.call(this)
      })
    }
    Reflect.set(prototype, 'listen', watched)
    return () => void Reflect.set(prototype, 'listen', original)
  })
  return () => restore.forEach((undo) => undo())
}

/** Lets a server that is not measured listen on the port it asked for, or on any other one where that is taken. */
function listenAside(server: net.Server, { port, backlog }: ListenRequest, listen: Listen): net.Server {
  const options = { host: LOOPBACK, ...(backlog === null ? {} : { backlog }) }
  const emit = server.emit.bind(server)
  server.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event === 'listening' || event === 'error') Reflect.deleteProperty(server, 'emit')
    if (event !== 'error' || !isTaken(values[0])) return emit(event, ...values)
    listen.call(server, { ...options, port: 0 })
    return true
  }
  return listen.call(server, { ...options, port: port ?? 0 })
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
}

/**
 * Lets a unix socket be there that a server asked for, since the app may go on to change its mode, and answers through the
 * server. Where another worker of the app has it already, that one stays.
 */
function standAt(path: string, server: net.Server): void {
  const stand = net.createServer((socket) => server.emit('connection', socket))
  stand.on('error', () => undefined)
  // Those of a cluster's workers would be its primary's, and there only later.
  PLAIN_LISTEN.call(stand, { path, exclusive: true })
  stand.unref()
  server.once('close', () => stand.close())
  process.once('exit', () => stand.close())
}

/** Until the server does listen, `address()` says what was asked for; Node answers at once when no host is named. */
function answerAddress(server: net.Server, { port, host }: ListenRequest): void {
  const address = server.address.bind(server)
  const asked = { address: host ?? '::', family: host?.includes('.') === true ? 'IPv4' : 'IPv6', port: port ?? 0 }
  server.address = () => address() ?? asked
  const forget = (): void => void Reflect.deleteProperty(server, 'address')
  server.once('listening', forget)
  server.once('close', forget)
}

/** Reads the arguments of `listen`, which come in five forms; null for handles, which listen already. */
function requestOf(server: net.Server, given: readonly unknown[]): ListenRequest | null {
  const [first, ...others] = given.filter((argument) => typeof argument !== 'function')
  if (typeof first === 'object' && first !== null) return requestOfOptions(server, first)
  const port = portOf(first ?? 0)
  const host = others.find((argument) => typeof argument === 'string') ?? null
  const backlog = others.find((argument) => typeof argument === 'number') ?? null
  return { server, port, path: port === null ? String(first) : null, host, backlog }
}

function requestOfOptions(server: net.Server, options: object): ListenRequest | null {
  const { port, path, host, backlog } = options as Record<string, unknown>
  // A port that is named and undefined is any port.
  if (!('port' in options) && path === undefined) return null
  const asked = port === undefined && typeof path === 'string' ? path : null
  return {
    server,
    port: asked === null ? portOf(port) : null,
    path: asked,
    host: typeof host === 'string' ? host : null,
    backlog: typeof backlog === 'number' ? backlog : null,
  }
}

/** A text that is no number names a unix socket. */
function portOf(value: unknown): number | null {
  const port = Number(value ?? 0)
  return port >= 0 ? port : null
}
