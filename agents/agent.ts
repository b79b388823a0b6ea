import { constants } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { hostname } from 'node:os'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { availableCores } from '../core/cores.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { AgentSession, type SessionSurroundings } from './agent-session.ts'
import { Complaints } from './complaints.ts'
import { hangUp } from './hang-up.ts'
import { type Identity, mismatchOf } from './identity.ts'
import type { AgentLimits } from './limits.ts'

/** Connections at once, those that are being refused included. */
const MOST_CONNECTIONS = 16
/** For the TLS handshake, and again for the hello. */
const GREETING_MS = 20_000
/** The dead man's switch: an agent that hears nothing of its controller for this long ends everything. */
const SILENCE_MS = 10_000

/** How an agent is started. */
export interface AgentOptions {
  readonly identity: Identity
  readonly host: string
  /** 0 = any that is free. */
  readonly port: number
  readonly limits: AgentLimits
  /** Hash of the programs that make its loads. */
  readonly build: string
  readonly silenceMs?: number
  readonly helloMs?: number
  /** What happens, in lines for people. */
  say(line: string): void
}

/**
 * A load agent: a program that sends load when it is asked to, by nobody but the controller of its campaign, one at a
 * time, over TLS 1.3 with certificates at both ends, and within limits of its own.
 */
export class Agent {
  readonly #options: AgentOptions
  readonly #server: Server
  readonly #complaints: Complaints
  readonly #sockets = new Set<Socket>()
  readonly #endings = new Set<Promise<void>>()
  /** The one whose controller is served. */
  #served: AgentSession | null = null

  private constructor(options: AgentOptions) {
    this.#options = options
    this.#complaints = new Complaints((line) => options.say(line))
    this.#server = createServer(
      {
        ...options.identity.tls,
        requestCert: true,
        // Who is not authorized is told why, and is then hung up on before anything of it is read.
        rejectUnauthorized: false,
        handshakeTimeout: GREETING_MS,
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      (socket) => this.#meet(socket),
    )
    this.#server.maxConnections = MOST_CONNECTIONS
    this.#server.on('connection', (socket: Socket) => this.#keep(socket))
    this.#server.on('tlsClientError', (error, socket) =>
      this.#complaints.refused(nameOf(socket), handshakeProblem(error)),
    )
    this.#server.on('drop', (from) => {
      const who = `${from?.remoteAddress ?? 'someone'}:${from?.remotePort ?? '?'}`
      this.#complaints.refused(who, `more than ${MOST_CONNECTIONS} connections at once`)
    })
  }

  /** Starts to listen; throws PORT_TAKEN or MACHINE_UNFIT when it cannot. */
  static async listen(options: AgentOptions): Promise<Agent> {
    const agent = new Agent(options)
    const { host, port } = options
    agent.#server.listen(port, host)
    try {
      await once(agent.#server, 'listening')
    } catch (thrown) {
      const isTaken = (thrown as NodeJS.ErrnoException).code === 'EADDRINUSE'
      throw new ForkwiseError(isTaken ? 'PORT_TAKEN' : 'MACHINE_UNFIT', {
        message: `Expected to be able to listen on ${host}:${port}, got: ${messageOf(thrown)}.`,
        hint: isTaken ? 'Name another with `--listen`.' : 'Name an address of this host with `--listen`.',
      })
    }
    return agent
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Stops listening, ends every load and connection, and resolves when nothing is left. */
  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await this.#served?.close()
    await Promise.all(this.#endings)
    this.#complaints.close()
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** A connection whose TLS handshake is over. */
  #meet(socket: TLSSocket): void {
    const who = nameOf(socket)
    socket.on('error', () => {})
    socket.setNoDelay(true)
    const problem = certificateProblem(socket, this.#options.identity)
    if (problem !== null) {
      this.#complaints.refused(who, problem)
      hangUp(socket, problem)
      return
    }
    const session = new AgentSession(
      socket,
      this.#surroundingsOf(who, () => this.#admit(session, who)),
    )
    socket.once('close', () => this.#end(session, who))
  }

  #surroundingsOf(who: string, admit: () => string | null): SessionSurroundings {
    const { build, limits, silenceMs = SILENCE_MS, helloMs = GREETING_MS } = this.#options
    return {
      build,
      limits,
      facts: { host: hostname(), cores: availableCores(), node: process.versions.node },
      helloMs,
      silenceMs,
      admit,
      refused: (reason) => this.#complaints.refused(who, reason),
      say: (line) => this.#options.say(line),
    }
  }

  #admit(session: AgentSession, who: string): string | null {
    if (this.#served !== null) return 'another controller is being served'
    this.#served = session
    this.#options.say(`serving ${who}`)
    return null
  }

  #end(session: AgentSession, who: string): void {
    const ending = this.#ended(session, who)
    this.#endings.add(ending)
    void ending.finally(() => this.#endings.delete(ending))
  }

  async #ended(session: AgentSession, who: string): Promise<void> {
    await session.close()
    if (this.#served !== session) return
    this.#served = null
    this.#options.say(`${who} is gone`)
  }
}

/** Why whoever has this certificate may not ask for anything; null when it may. */
function certificateProblem(socket: TLSSocket, { campaign }: Identity): string | null {
  // Null where it has hung up already.
  const certificate = socket.getPeerCertificate() as {
    readonly subject?: { readonly CN?: string; readonly O?: string }
  } | null
  const subject = certificate?.subject
  if (subject === undefined) return 'it has no certificate'
  const mismatch = mismatchOf(subject, 'controller', campaign)
  if (mismatch !== null) return mismatch
  return socket.authorized ? null : `its certificate is not accepted (${String(socket.authorizationError)})`
}

function handshakeProblem(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNRESET') return 'it hung up before it had said who it is'
  if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'it did not say who it is in time'
  return `it does not speak TLS 1.3 (${error.code ?? messageOf(error)})`
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'someone' : `${remoteAddress}:${remotePort}`
}
