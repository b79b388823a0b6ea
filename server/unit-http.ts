import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'

/** The part of the npm package `unit-http` that stands for Node's HTTP server. */
export interface UnitHttp {
  readonly Server: { readonly prototype: UnitServer } & (new (listener?: RequestListener) => UnitServer)
  readonly ServerResponse: { readonly prototype: object }
  readonly IncomingMessage: { readonly prototype: object }
}

/** A server of Unit's: an event emitter to which Unit hands requests. */
interface UnitServer {
  emit_request: (this: UnitServer, request: IncomingMessage, response: ServerResponse) => void
  emit_close: () => void
}

/** Responses of a server that have not ended, and who waits for the last of them. */
interface Progress {
  open: number
  readonly waiting: (() => void)[]
}

/**
 * Puts NGINX Unit's HTTP server in the place of Node's, for modules of either kind and however they name it: what is
 * imported from `node:http` afterwards gets Unit's `Server`, `createServer`, `ServerResponse` and `IncomingMessage`, and
 * all else is Node's. Unit's own loader exchanges the module whole, and what it gives has no named exports (1.32.1).
 * What Unit's classes lack and servers are asked for is added: `close` and its kin, an `address` that is not made up,
 * `response.req`, `writableFinished` and the end of a response. `leave` is called when Unit asks the process to end.
 */
export function serveThroughUnit(unit: UnitHttp, leave: () => void): void {
  completeServer(unit, leave)
  const createServer = (...words: readonly unknown[]): UnitServer =>
    new unit.Server(words.find((word): word is RequestListener => typeof word === 'function'))
  const { Server, ServerResponse: Response, IncomingMessage: Message } = unit
  Object.assign(http, { Server, createServer, ServerResponse: Response, IncomingMessage: Message })
  syncBuiltinESMExports()
}

function completeServer({ Server }: UnitHttp, leave: () => void): void {
  const progress = new WeakMap<object, Progress>()
  const progressOf = (server: object): Progress => {
    const known = progress.get(server) ?? { open: 0, waiting: [] }
    progress.set(server, known)
    return known
  }
  // Exchanged below, and called with the server it belongs to.
  const { emit_request: handOver } = Server.prototype
  Object.assign(Server.prototype, {
    // It listens nowhere itself.
    address: () => null,
    closeIdleConnections: () => undefined,
    closeAllConnections: () => undefined,
    /** Unit stops handing requests over by itself: what is left is to wait for those in hand. */
    close(this: UnitServer, done?: () => void): UnitServer {
      const { open, waiting } = progressOf(this)
      if (done !== undefined) {
        if (open === 0) setImmediate(done)
        else waiting.push(done)
      }
      return this
    },
    emit_close: leave,
    emit_request(this: UnitServer, request: IncomingMessage, response: ServerResponse): void {
      const own = progressOf(this)
      own.open += 1
      completeResponse(request, response, () => {
        own.open -= 1
        if (own.open === 0) for (const done of own.waiting.splice(0)) done()
      })
      handOver.call(this, request, response)
    },
  })
}

/** Gives a response of Unit's what code that measures or streams expects of one of Node's. */
function completeResponse(request: IncomingMessage, response: ServerResponse, ended: () => void): void {
  let open = true
  const end = (finished: boolean): void => {
    if (!open) return
    open = false
    Object.defineProperty(response, 'writableFinished', { value: finished })
    ended()
    response.emit('close')
  }
  Object.defineProperty(response, 'req', { value: request, configurable: true, writable: true })
  response.once('finish', () => end(true))
  const destroy = response.destroy.bind(response)
  response.destroy = (error) => {
    destroy(error)
    end(false)
    return response
  }
}
