import type { Socket } from 'node:net'
import { buildConnector, Client, type Dispatcher } from 'undici'
import { bodyOf, type OpenLoad, type WorkloadRequest } from '../../core/load.ts'
import { FAILURE, socketFailure } from './failure.ts'
import { Queue } from './queue.ts'
import type { Ending } from './recorder.ts'

/** One request that is to be sent at an instant of `performance.now()`. */
export interface Arrival {
  /** Its place in the schedule. */
  readonly place: number
  /** Index of its request in the mix. */
  readonly request: number
  readonly intendedMs: number
  readonly counted: boolean
}

/** How connections behave. */
export interface PoolPolicy {
  readonly timeoutMs: number
  /** Most connections to each target. */
  readonly maxConnections: number
  /** Connections to each target that are opened before one is used again. */
  readonly minConnections: number
  /** Requests after which a connection is closed; null = it is kept. */
  readonly requestsPerConnection: number | null
  /** The server closes after each answer without saying so: do not use a connection twice. */
  readonly closesSilently: boolean
}

/** What happens to an arrival. */
export interface ArrivalEvents {
  /** `sentMs` is the instant that its service time, its lateness and its timeout count from. */
  sent(arrival: Arrival, sentMs: number): void
  /** `latenessUs` is how late it was sent. */
  ended(arrival: Arrival, ending: Ending, latenessUs: number): void
}

/** What a pool has counted since it was made. */
export interface PoolCounters {
  opened: number
  sent: number
  answered: number
}

/** How {@link OpenConnections} uses connections, in words. */
export function openConnectionPolicy({
  minConnections,
  requestsPerConnection,
}: Pick<OpenLoad, 'minConnections' | 'requestsPerConnection'>): string {
  return [
    'One request at a time on a connection, kept open as long as the server lets it and at most 4 s idle',
    ...(requestsPerConnection === undefined ? [] : [`, and closed after ${requestsPerConnection} requests`]),
    '; a request takes the connection that was idle longest, or else a new one, whose opening counts in its latency; ',
    ...(minConnections === undefined ? [] : [`${minConnections} are opened before one is used again; `]),
    'when all are busy it waits for the first that is free, which counts too.',
  ].join('')
}

/** A connection and whether it is open: a closed one is opened again by its next request. */
interface Connection {
  readonly client: Client
  socket: Socket | null
  /** Requests that were sent on it since it was opened. */
  sent: number
}

interface Exchange {
  readonly arrival: Arrival
  readonly connection: Connection
  sentMs: number
  /** Whether `sentMs` is final and was told. */
  isSent: boolean
  status: number
  settled: boolean
}

/**
 * The connections of an open loop to one target, over undici, which sends one request at a time on each. Every arrival
 * ends exactly once: with an answer, a timeout (counted from when it was sent) or a connection error.
 */
export class OpenConnections {
  readonly counters: PoolCounters = { opened: 0, sent: 0, answered: 0 }
  readonly #target: string
  readonly #requests: readonly Dispatcher.DispatchOptions[]
  #policy: PoolPolicy
  readonly #events: ArrivalEvents
  readonly #connections = new Set<Connection>()
  readonly #idle = new Queue<Connection>()
  readonly #waiting = new Queue<Arrival>()
  /** In the order in which they were sent. */
  readonly #inFlight = new Set<Exchange>()
  #closedBytes = 0

  constructor(target: string, mix: readonly WorkloadRequest[], policy: PoolPolicy, events: ArrivalEvents) {
    this.#target = target
    this.#policy = policy
    this.#events = events
    this.#requests = mix.map((request) => {
      const { method, path, headers } = request
      const body = bodyOf(request)
      return {
        method,
        path,
        headers: { ...headers },
        reset: policy.closesSilently,
        ...(body === undefined ? {} : { body }),
      }
    })
  }

  /** Sends an arrival now, or as soon as a connection is free. */
  send(arrival: Arrival): void {
    const connection = this.#takeConnection()
    if (connection === null) this.#waiting.push(arrival)
    else this.#dispatch(arrival, connection)
  }

  /** Arrivals that were sent or wait, and have not ended. */
  get unfinished(): number {
    return this.#inFlight.size + this.#waiting.length
  }

  /** Arrivals that wait for a connection. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** The intended start of the request that was sent longest ago and has not ended; null where none is in flight. */
  get oldestIntendedMs(): number | null {
    for (const { arrival } of this.#inFlight) return arrival.intendedMs
    return null
  }

  /** Changes how connections behave; requests in flight are under the new timeout too. */
  change(policy: Partial<PoolPolicy>): void {
    this.#policy = { ...this.#policy, ...policy }
    while (this.#connections.size > this.#policy.maxConnections) {
      const idle = this.#idle.shift()
      if (idle === undefined) break
      this.#discard(idle)
    }
    while (this.#waiting.length > 0 && this.#connections.size < this.#policy.maxConnections)
      this.#serveWaiting(this.#open())
  }

  /** Bytes received so far, heads included. */
  get receivedBytes(): number {
    let bytes = this.#closedBytes
    for (const { socket } of this.#connections) bytes += socket?.bytesRead ?? 0
    return bytes
  }

  /** Gives up requests that were sent longer ago than the timeout. */
  sweep(nowMs: number): void {
    for (const exchange of this.#inFlight) {
      if (nowMs - exchange.sentMs < this.#policy.timeoutMs) return
      this.#settle(exchange, { kind: 'timeout' })
      this.#discard(exchange.connection)
      this.#serveWaiting(this.#open())
    }
  }

  /** Forgets the arrivals that still wait for a connection, and gives them: they are never sent. */
  forgetWaiting(): readonly Arrival[] {
    const forgotten: Arrival[] = []
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) forgotten.push(next)
    return forgotten
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    this.#waiting.clear()
    for (const exchange of this.#inFlight) exchange.settled = true
    await Promise.all([...this.#connections].map(async ({ client }) => client.destroy()))
  }

  /** The open connection that was idle longest; else a closed one; else a new one; null when all are busy. */
  #takeConnection(): Connection | null {
    if (this.#connections.size < this.#policy.minConnections) return this.#open()
    let closed: Connection | undefined
    for (let connection = this.#idle.shift(); connection !== undefined; connection = this.#idle.shift()) {
      if (connection.socket !== null) {
        if (closed !== undefined) this.#discard(closed)
        return connection
      }
      if (closed !== undefined) this.#discard(closed)
      closed = connection
    }
    if (closed !== undefined) return closed
    return this.#connections.size < this.#policy.maxConnections ? this.#open() : null
  }

  #dispatch(arrival: Arrival, connection: Connection): void {
    const exchange = { arrival, connection, sentMs: performance.now(), isSent: false, status: 0, settled: false }
    this.#inFlight.add(exchange)
    this.counters.sent++
    connection.sent++
    // The opening of a connection is part of the service time; what undici does before it writes is not.
    if (connection.socket === null) this.#markSent(exchange)
    const request = this.#requests[arrival.request]
    if (request === undefined) throw new Error(`Expected a request of the mix, got ${arrival.request}.`)
    connection.client.dispatch(request, {
      onRequestStart: () => {
        if (exchange.isSent) return
        exchange.sentMs = performance.now()
        this.#markSent(exchange)
      },
      onResponseStart: (_controller, status) => {
        exchange.status = status
      },
      onResponseData: () => {},
      onResponseEnd: () => {
        if (exchange.settled) return
        this.counters.answered++
        const nowMs = performance.now()
        const { status, sentMs } = exchange
        const serviceUs = (nowMs - sentMs) * 1000
        const latencyUs = (nowMs - arrival.intendedMs) * 1000
        const inTime = nowMs - sentMs < this.#policy.timeoutMs
        this.#settle(exchange, inTime ? { kind: 'answer', status, latencyUs, serviceUs } : { kind: 'timeout' })
        this.#release(connection)
      },
      onResponseError: (_controller, error) => {
        if (exchange.settled) return
        this.#settle(exchange, { kind: 'connection-error', message: wordsOf(error, exchange.status) })
        // It is closed, and the next request opens it again, once undici has done with the error: a client that could not
        // connect must not be given a request before.
        connection.sent = 0
        setImmediate(() => this.#serveWaiting(connection))
      },
    })
  }

  #markSent(exchange: Exchange): void {
    exchange.isSent = true
    this.#events.sent(exchange.arrival, exchange.sentMs)
  }

  #settle(exchange: Exchange, ending: Ending): void {
    if (!exchange.isSent) this.#markSent(exchange)
    exchange.settled = true
    this.#inFlight.delete(exchange)
    this.#events.ended(exchange.arrival, ending, (exchange.sentMs - exchange.arrival.intendedMs) * 1000)
  }

  /** Keeps a connection whose request has ended, or closes it where it has served its time or is one too many. */
  #release(connection: Connection): void {
    const { requestsPerConnection, maxConnections } = this.#policy
    const isWorn = requestsPerConnection !== null && connection.sent >= requestsPerConnection
    if (!isWorn && this.#connections.size <= maxConnections) return this.#serveWaiting(connection)
    this.#discard(connection)
    if (this.#waiting.length > 0 && this.#connections.size < maxConnections) this.#serveWaiting(this.#open())
  }

  #serveWaiting(connection: Connection): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else this.#dispatch(next, connection)
  }

  #open(): Connection {
    const connect = buildConnector({ timeout: this.#policy.timeoutMs + 1000 })
    const connection: Connection = {
      socket: null,
      sent: 0,
      client: new Client(this.#target, {
        pipelining: 1,
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: (options, callback) =>
          connect(options, (error, socket) => {
            if (error !== null) {
              callback(error, null)
              return
            }
            this.counters.opened++
            connection.socket = socket
            callback(null, socket)
          }),
      }),
    }
    connection.client.on('disconnect', () => {
      this.#closedBytes += connection.socket?.bytesRead ?? 0
      connection.socket = null
      connection.sent = 0
    })
    this.#connections.add(connection)
    return connection
  }

  #discard(connection: Connection): void {
    this.#closedBytes += connection.socket?.bytesRead ?? 0
    connection.socket = null
    this.#connections.delete(connection)
    void connection.client.destroy()
  }
}

function wordsOf(error: Error, status: number): string {
  const { code } = error as NodeJS.ErrnoException
  if (code?.startsWith('HPE_') === true) return code === 'HPE_INVALID_EOF_STATE' ? FAILURE.halfAnswer : FAILURE.notHttp
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return FAILURE.halfAnswer
  // undici ends the connection over it.
  if (code === 'UND_ERR_SOCKET' && error.message === 'bad response') return FAILURE.unaskedContinue
  if (code === 'UND_ERR_SOCKET') return status === 0 ? FAILURE.noAnswer : FAILURE.halfAnswer
  return socketFailure(error)
}
