import http from 'node:http'
import net from 'node:net'

/** How HTTP servers listen, before anything is held back: Node's inherit it from TCP servers, Bun's have their own. */
const LISTEN: PropertyDescriptor =
  Object.getOwnPropertyDescriptor(http.Server.prototype, 'listen') ??
  Object.getOwnPropertyDescriptor(net.Server.prototype, 'listen') ??
  {}

/** The HTTP servers whose `listen` was held back. */
export interface Capture {
  readonly servers: readonly http.Server[]
  /** Lets one server listen again, for whoever decides where. Calls on others stay held back. */
  release(server: http.Server): void
}

/**
 * From now on no HTTP server of this thread listens when the user's app says so: many apps call `listen` as they load,
 * and the port is not theirs to choose here. Callbacks given to `listen` run once the server does listen.
 */
export function captureListening(): Capture {
  const servers: http.Server[] = []
  http.Server.prototype.listen = function listen(this: http.Server, ...given: unknown[]) {
    const callback = given.findLast((argument) => typeof argument === 'function')
    if (callback) this.once('listening', callback as () => void)
    if (!servers.includes(this)) servers.push(this)
    return this
  }
  return {
    servers,
    release: (server) => void Object.defineProperty(server, 'listen', LISTEN),
  }
}
