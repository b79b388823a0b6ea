import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { METRICS } from '../../core/metrics.ts'
import type { SharedFigures } from './shared-figures.ts'

/** Methods that get a label of their own; others are `_OTHER`, as OpenTelemetry has it, or anyone could make series. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Most series of durations; what comes later is counted as route `other`, so that memory stays bounded. */
const MAX_SERIES = 500

const BOUNDS = METRICS.requestDuration.buckets ?? []

/** Place of a connection in {@link StartTimes}; kept on the socket, which costs less than a map. */
const PLACE = Symbol('forkwise.place')

/** A connection, and a response as Express leaves it: the route that answered is found through its request. */
interface PlacedSocket extends Socket {
  [PLACE]?: number
}
interface RoutedResponse extends ServerResponse {
  req: IncomingMessage & { route?: { path?: unknown }; baseUrl?: string }
}

/**
 * Counts the requests and connections of a server into shared memory. Per request it costs two clock readings, one
 * listener and a dozen writes: the places of all series are resolved once, by route and status.
 */
export function countRequests(server: Server, figures: SharedFigures): void {
  const active = figures.allocate('activeRequests')
  const open = figures.allocate('openConnections')
  const connections = figures.allocate('connections')
  const aborted = figures.allocate('abortedRequests')
  const durations = new DurationPlaces(figures)
  const starts = new StartTimes()

  function onClose(this: RoutedResponse): void {
    figures.add(active, -1)
    const startedMs = starts.take(this)
    if (this.writableFinished) figures.observe(durations.of(this), (performance.now() - startedMs) / 1000, BOUNDS)
    else figures.add(aborted, 1)
  }
  server.prependListener('request', (_request, response: RoutedResponse) => {
    figures.add(active, 1)
    starts.note(response)
    response.on('close', onClose)
  })
  const onDisconnect = (): void => figures.add(open, -1)
  server.on('connection', (socket: Socket) => {
    figures.add(open, 1)
    figures.add(connections, 1)
    socket.on('close', onDisconnect)
  })
}

/**
 * When the requests under way came, in ms of `performance.now()`. A connection has one request at a time, so its time is
 * kept by connection: a property of each response would make all of Express’ work on it dearer. Those that a client
 * sends without waiting for the answer before (pipelining) are kept aside.
 */
class StartTimes {
  /** By place of the connection; NaN = no request under way. */
  readonly #byPlace: number[] = []
  readonly #free: number[] = []
  readonly #pipelined = new Map<ServerResponse, number>()

  note(response: RoutedResponse): void {
    const socket: PlacedSocket = response.req.socket
    const place = socket[PLACE] ?? this.#placeFor(socket)
    if (Number.isNaN(this.#byPlace[place])) this.#byPlace[place] = performance.now()
    else this.#pipelined.set(response, performance.now())
  }

  take(response: RoutedResponse): number {
    if (this.#pipelined.size > 0) {
      const startedMs = this.#pipelined.get(response)
      if (startedMs !== undefined) {
        this.#pipelined.delete(response)
        return startedMs
      }
    }
    const place = (response.req.socket as PlacedSocket)[PLACE] ?? 0
    const startedMs = this.#byPlace[place] ?? Number.NaN
    this.#byPlace[place] = Number.NaN
    return startedMs
  }

  #placeFor(socket: PlacedSocket): number {
    const place = this.#free.pop() ?? this.#byPlace.length
    this.#byPlace[place] = Number.NaN
    socket[PLACE] = place
    // Responses cut by the end of their connection are reported just after it.
    socket.once('close', () => setImmediate(() => this.#free.push(place)))
    return place
  }
}

/** Finds the histogram of a method, route and status, making it when it is first needed. */
class DurationPlaces {
  readonly #figures: SharedFigures
  /** By route, then by status. GET has a table of its own, since nearly all requests are. */
  readonly #get = new Map<string, number[]>()
  readonly #others = new Map<string, Map<string, number[]>>()
  #series = 0
  /** Takes what finds no place of its own. */
  #overflow: number | undefined

  constructor(figures: SharedFigures) {
    this.#figures = figures
  }

  of(response: RoutedResponse): number {
    const { req: request, statusCode } = response
    const method = request.method ?? 'GET'
    const byRoute = method === 'GET' ? this.#get : this.#tableOf(METHODS.has(method) ? method : '_OTHER')
    const route = routeOf(request)
    return byRoute.get(route)?.[statusCode] ?? this.#make(byRoute, method, route, statusCode)
  }

  #tableOf(method: string): Map<string, number[]> {
    const known = this.#others.get(method)
    if (known !== undefined) return known
    const table = new Map<string, number[]>()
    this.#others.set(method, table)
    return table
  }

  #make(byRoute: Map<string, number[]>, method: string, route: string, status: number): number {
    if (this.#series === MAX_SERIES) {
      this.#overflow ??= this.#figures.allocate('requestDuration', labels('_OTHER', 'other', status))
      return this.#overflow
    }
    this.#series++
    const at = this.#figures.allocate('requestDuration', labels(METHODS.has(method) ? method : '_OTHER', route, status))
    const byStatus = byRoute.get(route) ?? []
    byStatus[status] = at
    byRoute.set(route, byStatus)
    return at
  }
}

/** The pattern of the route that answered; empty when no route did, or the app has none. */
function routeOf(request: RoutedResponse['req']): string {
  const path = request.route?.path
  if (path === undefined) return ''
  const pattern = typeof path === 'string' ? path : patternOf(path)
  return request.baseUrl ? request.baseUrl + pattern : pattern
}

/** Express takes strings, regular expressions and lists of both. */
function patternOf(path: unknown): string {
  if (Array.isArray(path)) return path.map(patternOf).join('|')
  return path instanceof RegExp ? path.source : typeof path === 'string' ? path : ''
}

function labels(method: string, route: string, status: number): Record<string, string> {
  return { http_request_method: method, http_route: route, http_response_status_code: String(status) }
}
