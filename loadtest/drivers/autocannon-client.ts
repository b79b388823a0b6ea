/* oxlint-disable no-underscore-dangle -- the names are autocannon's */
import type { EventEmitter } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { FAILURE, socketFailure } from './failure.ts'

/** Consecutive failures of a connection wait 10 ms, 20 ms … before the next attempt, at most this long. */
const LONGEST_BACKOFF_MS = 500

/** Parts of autocannon 9.0.0's client that its types do not show. {@link patchClient} checks that they are there. */
export interface CannonClient extends EventEmitter {
  readonly opts: {
    readonly hostname: string
    readonly port: number | string
    readonly protocol: string
  }
  conn: net.Socket
  timeout: number
  readonly secure: boolean
  readonly destroyed: boolean
  readonly parser: Record<1 | 2 | 3 | 4, unknown> & {
    readonly state: string
    readonly offset: number
    readonly end: number
    readonly isUserCall: boolean
    reinitialize(type: string): void
    execute(chunk: Buffer): number | Error
    finish(): Error | undefined
  }
  readonly pipelinedRequests: { addByteCount(bytes: number): void; addBody(data: Buffer): void; clear(): void }
  readonly requestIterator: {
    readonly requests: readonly { readonly method?: string }[]
    currentRequest: { readonly method?: string } | undefined
    nextRequest(): unknown
  }
  _connect(): void
  _doRequest(): void
  _destroyConnection(): void
  destroy(): void
}

/** The four callbacks of http-parser-js, by its constants. */
const ON_HEADERS_COMPLETE = 2
const ON_MESSAGE_COMPLETE = 4

/** Head of an answer, as http-parser-js hands it over. */
interface AnswerHead {
  readonly statusCode: number
  readonly headers: readonly string[]
  readonly versionMajor: number
  readonly versionMinor: number
  readonly shouldKeepAlive: boolean
}

/** What happens on a patched connection. Times are milliseconds of `performance.now()`. */
export interface ConnectionEvents {
  /** Index of the next request of the mix. */
  nextRequest(): number
  opened(): void
  received(bytes: number): void
  sent(): void
  answered(request: number, status: number, tookMs: number): void
  timedOut(request: number): void
  failed(request: number, message: string): void
}

/** How connections behave. */
export interface ConnectionPolicy {
  readonly timeoutMs: number
  /** The server closes after each answer without saying so: do not use a connection twice. */
  readonly closesSilently: boolean
}

/** A connection of autocannon whose life we look after. */
export interface PatchedConnection {
  /** Gives up a request that is older than the timeout at this instant. */
  sweep(nowMs: number): void
  /** True while an answer is awaited. */
  readonly waiting: boolean
  /** Sends no further requests. */
  stop(): void
}

/**
 * Makes one client of autocannon 9.0.0 report correctly on connections that do not live for ever. To be called from
 * `setupClient`, before the client connects. autocannon goes on building, sending, parsing and timing the requests; what
 * is replaced is the life of a connection, where it (lib/httpClient.js) keeps the unanswered request of a closed
 * connection in its queue, so that every later answer is taken for the one before; sends on a socket whose answer said
 * `Connection: close`; goes on parsing a new connection in the middle of the old one's answer; does not see answers that
 * end with the connection, answers to HEAD, 1xx, or bytes that are no HTTP; accepts any certificate; and reconnects
 * without a pause when nobody listens.
 *
 * Here each answer is complete (ok), or its request ends as a timeout or a connection error, exactly one of them.
 */
export function patchClient(
  client: CannonClient,
  policy: ConnectionPolicy,
  events: ConnectionEvents,
): PatchedConnection {
  checkShape(client)
  const sendRequest = client._doRequest.bind(client)
  const { parser } = client
  let pending: { request: number; sentMs: number } | null = null
  let request = events.nextRequest()
  let stopped = false
  let closing = false
  let answerBegun = false
  let informational = false
  let failures = 0
  let retry: NodeJS.Timeout | undefined

  client.timeout = 2 ** 31 - 1
  client.pipelinedRequests.addBody = () => {}

  const reconnect = (afterMs: number): void => {
    client._destroyConnection()
    clearTimeout(retry)
    if (stopped) return
    if (afterMs === 0) process.nextTick(() => client._connect())
    else retry = setTimeout(() => client._connect(), afterMs)
  }
  const fail = (message: string): void => {
    if (pending === null) return
    const { request } = pending
    pending = null
    failures++
    events.failed(request, message)
    reconnect(failures === 1 ? 0 : Math.min(LONGEST_BACKOFF_MS, 10 * 2 ** Math.min(10, failures - 2)))
  }

  client.requestIterator.currentRequest = client.requestIterator.requests[request]
  client.requestIterator.nextRequest = () => {
    request = events.nextRequest()
    client.requestIterator.currentRequest = client.requestIterator.requests[request]
    return client.requestIterator.currentRequest
  }

  client._doRequest = () => {
    if (stopped || client.destroyed) return
    if (closing) {
      reconnect(0)
      return
    }
    answerBegun = false
    sendRequest()
    pending = { request, sentMs: performance.now() }
    events.sent()
  }

  // autocannon sets the parser's callbacks after `setupClient`, hence not before the first connection.
  const patchParser = (): void => {
    const onHead = parser[ON_HEADERS_COMPLETE] as (head: AnswerHead) => void
    const onComplete = parser[ON_MESSAGE_COMPLETE] as () => void
    parser[ON_HEADERS_COMPLETE] = (head: AnswerHead): boolean => {
      informational = head.statusCode < 200
      if (head.statusCode === 100) fail(FAILURE.unaskedContinue)
      if (informational) return false
      onHead(head)
      const withoutBody = client.requestIterator.currentRequest?.method === 'HEAD'
      closing = policy.closesSilently || !(withoutBody ? mayStayOpen(head) : head.shouldKeepAlive)
      return withoutBody
    }
    parser[ON_MESSAGE_COMPLETE] = () => {
      if (informational || pending === null) return
      if (parser.state !== 'BODY_RAW' && parser.offset < parser.end) closing = true
      onComplete()
    }
  }

  let parserPatched = false
  client._connect = () => {
    if (stopped || client.destroyed) return
    if (!parserPatched) patchParser()
    parserPatched = true
    closing = false
    parser.reinitialize('RESPONSE')
    client.pipelinedRequests.clear()
    const socket = connect(client)
    client.conn = socket
    socket.on('connect', () => events.opened())
    const current = (): boolean => client.conn === socket
    socket.setNoDelay(true)
    socket.on('error', (error) => {
      if (current()) fail(socketFailure(error))
    })
    socket.on('data', (chunk: Buffer) => {
      if (!current()) return
      events.received(chunk.length)
      if (pending === null) return
      answerBegun = true
      client.pipelinedRequests.addByteCount(chunk.length)
      if (parser.execute(chunk) instanceof Error) fail(FAILURE.notHttp)
    })
    socket.on('end', () => {
      if (!current()) return
      if (pending !== null && parser.state === 'BODY_RAW') parser.finish()
      else fail(answerBegun ? FAILURE.halfAnswer : FAILURE.noAnswer)
    })
    socket.on('close', () => {
      if (current()) fail(FAILURE.noAnswer)
    })
    client._doRequest()
  }

  client.on('response', (status: number, _bytes: number, tookMs: number) => {
    if (pending === null) return
    const { request } = pending
    pending = null
    failures = 0
    if (tookMs >= policy.timeoutMs) events.timedOut(request)
    else events.answered(request, status, tookMs)
  })

  return {
    sweep: (nowMs) => {
      if (pending === null || nowMs - pending.sentMs < policy.timeoutMs) return
      const { request } = pending
      pending = null
      events.timedOut(request)
      reconnect(0)
    },
    get waiting() {
      return pending !== null
    },
    stop: () => {
      stopped = true
      clearTimeout(retry)
    },
  }
}

function connect(client: CannonClient): net.Socket {
  const { hostname, port } = client.opts
  const host = hostname.replace(/^\[|\]$/g, '')
  if (!client.secure) return net.connect({ host, port: Number(port) })
  return tls.connect({ host, port: Number(port), ...(net.isIP(host) === 0 ? { servername: host } : {}) })
}

/** What http-parser-js calls keep-alive, but for answers that have no body whatever their head says. */
function mayStayOpen(head: AnswerHead): boolean {
  const connection = head.headers.flatMap((name, i) =>
    i % 2 === 0 && name.toLowerCase() === 'connection' ? [(head.headers[i + 1] ?? '').toLowerCase()] : [],
  )
  const says = (token: string): boolean => connection.some((value) => value.includes(token))
  return head.versionMajor === 1 && head.versionMinor === 1 ? !says('close') : says('keep-alive')
}

function checkShape(client: CannonClient): void {
  const parts = ['_connect', '_doRequest', '_destroyConnection', 'parser', 'requestIterator', 'pipelinedRequests']
  const lacking = parts.filter((part) => !(part in client))
  if (lacking.length > 0)
    throw new Error(`Expected autocannon 9.0.0's client, found one without ${lacking.join(', ')}.`)
}
