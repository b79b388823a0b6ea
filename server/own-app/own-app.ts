import { once } from 'node:events'
import type net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { acceptsConnections } from '../../core/accepts-connections.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { definedHandlers } from '../defined-handlers.ts'
import { bindError, DrainableListener, listen, type Listener, type ListenPlace } from '../listen.ts'
import { exitWithStartError } from '../start-error.ts'
import {
  awaitExports,
  describeExports,
  findExportedApp,
  isServedBy,
  serverOf,
  type ExportedApp,
} from './exported-app.ts'
import { forbidForks } from './forks.ts'
import { watchListening, type Direction, type ListenRequest, type Redirection } from './listen-watch.ts'
import { runAsMain, type Exports } from './main-module.ts'
import { isPlainTcp, requireHttp, requireHttpOrExit } from './protocol.ts'
import { listensElsewhere, listensLate, nothingListens, severalListen } from './start-problems.ts'

/**
 * Which server of an app is measured: the one that it `exported` and we let listen; or one that the app lets listen
 * itself: on `PORT`, on another port, or on a unix socket.
 */
export type ServedBy = 'exported' | 'PORT' | 'socket' | `${number}`

/** How an app is to be started. */
export interface OwnAppOptions {
  /** Absolute path of the module. */
  readonly file: string
  /** Address of a module that lets Node run it (tsx); null for none. */
  readonly loader: string | null
  /** Where the measured server listens. */
  readonly place: ListenPlace
  /** What a look at the app has found; null to find out now. */
  readonly servedBy: ServedBy | null
  /** Whether other workers may listen at the same place: whoever answers there is then no sign of a second server of the app. */
  readonly sharesPlace: boolean
  /** Called with the measured server before its first request. */
  readonly onServer: (server: net.Server) => void
}

/** An app in service. */
export interface OwnApp {
  readonly listener: Listener
  readonly servedBy: ServedBy
  /** Ports that other servers of it asked for, which are not measured. */
  readonly otherPorts: readonly number[]
}

/**
 * How long after its last call of `listen` an app may still call it for another server, in ms: only then is it settled
 * which one is measured, where none of them is on `PORT`.
 */
const SETTLE_MS = 2_000

/** How long an app that exports a server may take until it lets it listen itself, in ms, while it has something to wait for. */
const PATIENCE_MS = 8_000

/**
 * Starts the user's app as its owner does, and resolves once the server that its users would reach accepts connections:
 * the one that listens on `PORT`; else the one that is exported, which we let listen where the app does not; else the only
 * one that listens. Throws APP_INVALID, its cause the app's own error where it has thrown.
 */
export async function startOwnApp(options: OwnAppOptions): Promise<OwnApp> {
  return new Start(options).run()
}

/** Ensures that the app of this thread defines handlers, without which a pool has nothing to do. Throws APP_INVALID. */
export function requireHandlers(file: string, executor: string): void {
  if (definedHandlers().handlers.size > 0) return
  throw new ForkwiseError('APP_INVALID', {
    message: `Expected the app module ${file} to define handlers for the executor ${executor}; it defines none.`,
    hint: 'Wrap what computes in `defineHandler` of forkwise/server, and call the function it returns in your routes.',
  })
}

/** How often it is looked whether somebody else listens on PORT, and how long that may take, in ms. */
const LOOK_MS = 500

/** Ports from PORT on that other workers of a launch may have: one each, under models in which they share none. */
const PORTS_OF_LAUNCH = 256

interface Aside {
  readonly request: ListenRequest
  readonly listener: DrainableListener
}

class Start {
  readonly #options: OwnAppOptions
  /** Servers that listen elsewhere, in the order of their calls. */
  readonly #aside: Aside[] = []
  #measured: { readonly server: net.Server; servedBy: ServedBy; readonly listening: Promise<Listener> } | null = null
  /** True while we make the server that the app exports: whatever it lets listen meanwhile is that server. */
  #making = false
  #lastCallMs = 0

  constructor(options: OwnAppOptions) {
    this.#options = options
  }

  async run(): Promise<OwnApp> {
    const { file, loader } = this.#options
    watchListening((request) => this.#direct(request))
    forbidForks(file)
    const loaded = runAsMain(file, loader)
    // An app that listens at the top of its module may go on there for as long as it likes.
    loaded.catch(() => undefined)
    await Promise.race([loaded, this.#untilMeasured()])
    if (this.#measured === null) await this.#choose(await loaded)
    return this.#inService()
  }

  /** Where a server of the app is to listen. */
  #direct(request: ListenRequest): Direction {
    this.#lastCallMs = performance.now()
    const { place, file } = this.#options
    if (request.server === this.#measured?.server) return 'as asked'
    const servedBy = this.#measuredAs(request)
    if (servedBy !== null && this.#measured === null) {
      requireHttpOrExit(request.server, file)
      return this.#measure(request, servedBy)
    }
    if (this.#measured?.servedBy === 'exported' && request.port === place.port)
      exitWithStartError(listensLate(file, PATIENCE_MS))
    const aside = { request, listener: new DrainableListener(request.server) }
    this.#aside.push(aside)
    // A look whether a port is free is over as soon as it is closed.
    request.server.once('close', () => void this.#aside.splice(this.#aside.indexOf(aside), 1))
    const beyond = (request.port ?? 0) - place.port
    return beyond > 0 && beyond < PORTS_OF_LAUNCH ? 'anywhere' : 'aside'
  }

  #measuredAs({ server, port }: ListenRequest): ServedBy | null {
    const { place, servedBy } = this.#options
    // Many apps first see by a server of node:net whether their port is free.
    if (isPlainTcp(server)) return null
    if (this.#making) return 'exported'
    const asked = port === null ? 'socket' : (`${port}` as const)
    if (servedBy === asked) return asked
    const isNamed = servedBy !== null && servedBy !== 'PORT' && servedBy !== 'exported'
    return !isNamed && port === place.port ? 'PORT' : null
  }

  /** The app's own listeners for errors come after ours. */
  #measure({ server, backlog: asked }: ListenRequest, servedBy: ServedBy): Redirection {
    const { place, onServer } = this.#options
    onServer(server)
    const listener = new DrainableListener(server)
    let onListening = (): void => undefined
    const listening = new Promise<Listener>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        exitWithStartError(bindError(error, place.host, place.port, 'PORT'))
      }
      server.prependOnceListener('error', failed)
      onListening = () => {
        server.off('error', failed)
        listener.listensOn(server, place)
        resolve(listener)
      }
      server.once('close', () => reject(new Error('The app has closed its server.')))
    })
    listening.catch(() => undefined)
    this.#measured = { server, servedBy, listening }
    const { host, port, reusePort } = place
    const backlog = place.backlog ?? asked
    return {
      options: { host, port, ...(reusePort === true ? { reusePort } : {}), ...(backlog === null ? {} : { backlog }) },
      onListening,
    }
  }

  async #untilMeasured(): Promise<void> {
    while (this.#measured === null) await sleep(5, undefined, { ref: false })
  }

  async #inService(): Promise<OwnApp> {
    if (this.#measured === null) throw new Error('Expected a server to be measured.')
    const { server, servedBy, listening } = this.#measured
    const listener = await listening
    const others = this.#aside.filter(({ request }) => request.server !== server)
    const ports = new Set(others.flatMap(({ request }) => request.port ?? []))
    return {
      servedBy,
      listener,
      otherPorts: [...ports].filter((port) => port !== 0 && port !== this.#options.place.port),
    }
  }

  /** The module has been evaluated, and no server of it is known to be the one. */
  async #choose(module: Exports): Promise<void> {
    const { file, servedBy } = this.#options
    const exports = await Promise.race([awaitExports(module, file), this.#untilMeasured()])
    if (exports === undefined) return
    const exported = findExportedApp(exports)
    if (servedBy === 'exported' && exported !== null) return this.#serve(exported)
    if (servedBy !== null && servedBy !== 'exported') return this.#untilMeasured()
    await this.#untilSettled(exported !== null)
    if (this.#measured !== null) return
    if (await this.#isTaken()) throw listensElsewhere(file)
    const own = this.#aside.find(({ request }) => exported !== null && isServedBy(exported, request.server))
    if (own !== undefined) return this.#take(own)
    if (exported !== null) return this.#serve(exported)
    return this.#take(this.#only(describeExports(exports)))
  }

  /**
   * Waits until nothing can change any more which server is measured: it is known; or the last call of `listen` is some
   * time ago; or the app has nothing left to wait for; or something that is not of this thread listens on PORT.
   */
  async #untilSettled(isExported: boolean): Promise<void> {
    const deadlineMs = isExported ? performance.now() + PATIENCE_MS : Infinity
    const idle = once(process, 'beforeExit').then(() => true)
    // What keeps the process alive from here on is the app, not the channel to whoever started us.
    process.channel?.unref()
    let nextLookMs = performance.now() + LOOK_MS
    while (this.#measured === null && performance.now() < deadlineMs) {
      if (this.#aside.length > 0 && performance.now() - this.#lastCallMs > SETTLE_MS) break
      if (await Promise.race([idle, sleep(10, false, { ref: false })])) break
      if (performance.now() < nextLookMs) continue
      if (await this.#isTaken()) break
      nextLookMs = performance.now() + LOOK_MS
    }
    process.channel?.ref()
  }

  /** True when a worker thread of the app, or a process that it has started, listens on PORT. */
  async #isTaken(): Promise<boolean> {
    const { place, servedBy, sharesPlace } = this.#options
    if (sharesPlace || servedBy !== null || this.#aside.some(({ request }) => request.port === place.port)) return false
    return acceptsConnections(place, LOOK_MS)
  }

  /** The one server that listens. Throws APP_INVALID when there is none, or several. */
  #only(exports: string): Aside {
    const { file } = this.#options
    const ports = [...new Set(this.#aside.map(({ request }) => request.port))]
    const [aside] = this.#aside
    if (aside === undefined) throw nothingListens(file, exports)
    if (ports.length > 1) throw severalListen(file, ports)
    return aside
  }

  /** Takes a server for the measured one that listens where the app has it listen. */
  async #take({ request, listener }: Aside): Promise<void> {
    const { place, onServer, file } = this.#options
    const { server, port } = request
    requireHttp(server, file)
    onServer(server)
    while (!server.listening) await sleep(5)
    listener.listensOn(server, place)
    this.#measured = { server, servedBy: port === null ? 'socket' : `${port}`, listening: Promise.resolve(listener) }
  }

  /** Serves what is exported; a `createApp` may let its server listen itself. */
  async #serve(exported: ExportedApp): Promise<void> {
    const { file, place, onServer } = this.#options
    this.#making = true
    const server = await serverOf(exported, file)
    this.#making = false
    if (this.#measured !== null) return void (this.#measured.servedBy = 'exported')
    requireHttp(server, file)
    onServer(server)
    if (server.listening) await new Promise<void>((resolve) => void server.close(() => resolve()))
    let settle: (listener: Listener) => void = () => undefined
    this.#measured = { server, servedBy: 'exported', listening: new Promise((resolve) => (settle = resolve)) }
    settle(await listen(server, place))
  }
}
