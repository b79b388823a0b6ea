import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { ForkwiseError } from '../core/errors.ts'
import { Gate } from './gate.ts'
import type { Journal } from './journal.ts'
import { Messages } from './messages.ts'
import { type PageFiles, readPageFiles } from './page-files.ts'
import { placeAfter, Viewer } from './viewer.ts'

/** A page that is being served. */
export interface LiveServer {
  /** The address to open, its token included. */
  readonly address: string
  /** How many have it open. */
  readonly viewers: number
  /** Bytes that wait here for viewers that do not read. */
  readonly heldBytes: number
  /** Sends every viewer at once what is new; otherwise it would get that within {@link SEND_MS}. */
  sendNow(): void
  /** Sends every viewer the rest, and ends; viewers that do not read are not waited for. Idempotent. */
  close(): Promise<void>
}

/** Options of a server besides its journal. */
export interface LiveServerOptions {
  /** Port to listen on; 0 = any free one. */
  readonly port: number
  /** Called when the first viewer comes and when the last one goes. */
  readonly onWatched?: (watched: boolean) => void
}

/** Most that have the page open at once; more are refused. */
export const MOST_VIEWERS = 64

/** How often viewers are sent what is new, in ms. */
export const SEND_MS = 250

/** How long viewers get for the end of the story, in ms. */
const LAST_WORDS_MS = 500

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

/** Serves the page of a journal on 127.0.0.1. Throws PORT_TAKEN when another process has the port. */
export async function serveLive(journal: Journal, { port, onWatched }: LiveServerOptions): Promise<LiveServer> {
  const files = readPageFiles()
  const server = http.createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 8192 })
  await listen(server, port)
  const gate = new Gate(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  const viewers = new Set<Viewer>()
  const messages = new Messages(journal)
  const sendAll = (): void => viewers.forEach((viewer) => viewer.send())
  const timer = setInterval(sendAll, SEND_MS).unref()

  const leave = (viewer: Viewer): void => {
    if (viewers.delete(viewer) && viewers.size === 0) onWatched?.(false)
  }

  const open = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    if (viewers.size >= MOST_VIEWERS)
      return answer(
        response,
        503,
        'text/plain',
        `Expected at most ${MOST_VIEWERS} viewers of this page, got more. Close a tab that shows it, and reload this one.\n`,
      )
    // The stream ends with its connection: that spares every message a frame of its own.
    response.useChunkedEncodingByDefault = false
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream; charset=utf-8', Connection: 'close' })
    response.flushHeaders()
    const id = request.headers['last-event-id']
    // What follows is written to the connection as it is, the same bytes for everyone.
    const { socket } = request
    const viewer = new Viewer(socket, messages, placeAfter(typeof id === 'string' ? id : undefined, journal))
    viewers.add(viewer)
    if (viewers.size === 1) onWatched?.(true)
    response.once('close', () => leave(viewer))
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    // What time it is here: that of the run goes on while nothing happens.
    socket.write(`event: clock\ndata: ${Date.now()}\n\n`)
    viewer.send()
  }

  server.on('request', (request, response) => {
    const { method = '', url = '', headers } = request
    const admission = gate.admit({ method, url, headers })
    if (admission.kind === 'refuse') return answer(response, admission.status, 'text/plain', `${admission.reason}\n`)
    if (admission.kind === 'exchange') {
      response.writeHead(303, { ...HEADERS, 'Set-Cookie': admission.cookie, Location: '/' }).end()
    } else if (admission.path === '/events') open(request, response)
    else serveFile(files, admission.path, response)
  })

  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    clearInterval(timer)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const viewer of viewers) viewer.end()
    server.closeIdleConnections()
    const giveUp = setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS)
    await closed
    clearTimeout(giveUp)
    viewers.forEach(leave)
  }
  return {
    address: gate.address,
    get viewers() {
      return viewers.size
    },
    get heldBytes() {
      return [...viewers].reduce((sum, viewer) => sum + viewer.heldBytes, 0)
    },
    sendNow: () => {
      sendAll()
      timer.refresh()
    },
    close: () => (closing ??= close()),
  }
}

async function listen(server: http.Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error)
      reject(
        new ForkwiseError('PORT_TAKEN', {
          message: `Expected port ${port} of 127.0.0.1 to be free for the live page, got ${error.code}.`,
          hint: 'Choose another `--live-port`, or leave it out for any free one.',
        }),
      )
    })
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
}

function serveFile(files: PageFiles, path: string, response: http.ServerResponse): void {
  const file = files.get(path)
  if (file === undefined) answer(response, 404, 'text/plain', 'There is no such file of this page. Open / instead.\n')
  else answer(response, 200, file.type, file.body)
}

function answer(response: http.ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body)
}
