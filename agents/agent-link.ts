import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { ForkwiseError, PartEndedError } from '../core/errors.ts'
import { type Settleable, settleable } from '../core/settleable.ts'
import type { GeneratorJob } from '../loadtest/generator-protocol.ts'
import { monotonicMs } from '../loadtest/precise-timer.ts'
import { type AgentAddress, addressText } from './addresses.ts'
import { type ClockExchange, type ClockReading, readClock } from './clock.ts'
import { connectionProblem, type ControllerSide, tlsOptions } from './controller-side.ts'
import { Frames } from './frames.ts'
import {
  type AgentFacts,
  type AgentPart,
  type FromAgent,
  type LoadEvent,
  MOST_BYTES,
  PROTOCOL,
  type Question,
  readFromAgent,
  type ToAgent,
} from './protocol.ts'

/** For the connection and the greeting. */
const CONNECT_MS = 30_000
/** An agent is asked for its clock this often, so that both know of each other. */
const BEAT_MS = 1000
/** An agent that leaves this many of these questions unanswered, one after the other, counts as lost. */
const MOST_SILENT_BEATS = 5
/** Between two questions for the time when a clock is read. */
const EXCHANGE_GAP_MS = 5

/** One load on an agent. */
export interface AgentRun {
  /** Settles when its processes have planned their part. */
  readonly ready: Promise<void>
  /** What it measured; rejects when the agent fails or is lost. */
  readonly part: Promise<AgentPart>
  /** Lets it begin at an instant of the agent's clock. */
  begin(startAtMs: number): void
  /** Asks for what was counted so far. */
  stop(): void
}

interface RunningLoad {
  readonly ready: Settleable<void>
  readonly part: Settleable<AgentPart>
  onEvent(event: LoadEvent): void
}

type Answer<K extends Question['kind']> = Extract<FromAgent, { readonly kind: K }>

/** A controller's connection to one agent. */
export class AgentLink {
  readonly address: string
  readonly #socket: TLSSocket
  readonly #frames: Frames
  readonly #side: ControllerSide
  readonly #accepted = settleable<AgentFacts>()
  readonly #answers = new Map<string, Settleable<FromAgent>>()
  readonly #clocks = new Map<number, Settleable<Omit<ClockExchange, 'askedMs'>>>()
  #facts: AgentFacts = { host: '', cores: 0, node: '' }
  #run: RunningLoad | null = null
  #beat: NodeJS.Timeout | undefined
  #silentBeats = 0
  #clockId = 0
  #lost: ForkwiseError | null = null

  private constructor(address: AgentAddress, side: ControllerSide) {
    this.address = addressText(address)
    this.#side = side
    this.#socket = connect({ ...address, ...tlsOptions(side.identity) })
    this.#socket.setNoDelay(true)
    this.#frames = new Frames(this.#socket, MOST_BYTES.fromAgent, {
      message: (value) => this.#hear(value),
      garbage: (problem) => this.#lose(`it sent ${problem}`),
    })
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#lose(connectionProblem(error)))
    this.#socket.once('close', () => this.#lose('it hung up'))
    this.#accepted.promise.catch(() => {})
  }

  /** Connects to an agent and is accepted by it; throws AGENT_UNAVAILABLE with what went wrong. */
  static async connect(address: AgentAddress, side: ControllerSide): Promise<AgentLink> {
    const link = new AgentLink(address, side)
    const limit = setTimeout(() => link.#lose(`it did not answer within ${CONNECT_MS / 1000} s`), CONNECT_MS)
    const abort = (): void => link.#lose('the command was interrupted')
    side.signal.addEventListener('abort', abort, { once: true })
    try {
      if (side.signal.aborted) abort()
      link.#facts = await link.#accepted.promise
      link.#beat = setInterval(() => link.#ping(), BEAT_MS)
      return link
    } catch (thrown) {
      link.close()
      throw thrown
    } finally {
      clearTimeout(limit)
      side.signal.removeEventListener('abort', abort)
    }
  }

  /** What the agent says of its host. */
  get facts(): AgentFacts {
    return this.#facts
  }

  /** Reads the agent's clock: the best of several exchanges, a few milliseconds apart. */
  async readClock(exchanges: number): Promise<ClockReading> {
    const done: ClockExchange[] = []
    for (let i = 0; i < exchanges; i++) {
      if (i > 0) await sleep(EXCHANGE_GAP_MS)
      done.push(await this.#askClock())
    }
    return readClock(done)
  }

  /** Asks something before a load. */
  async ask<K extends Question['kind']>(question: Extract<Question, { readonly kind: K }>): Promise<Answer<K>> {
    const answer = settleable<FromAgent>()
    this.#answers.set(question.kind, answer)
    if (this.#lost !== null) answer.reject(this.#lost)
    else this.#send(question)
    try {
      return (await answer.promise) as Answer<K>
    } finally {
      this.#answers.delete(question.kind)
    }
  }

  /** Has the agent plan its part of a load. */
  load(jobs: readonly GeneratorJob[], onEvent: (event: LoadEvent) => void): AgentRun {
    const [ready, part] = [settleable<void>(), settleable<AgentPart>()]
    // Whoever waits for one of the two hears of the failure; the other must not be a rejection that nobody handles.
    for (const { promise } of [ready, part]) promise.catch(() => {})
    this.#run = { ready, part, onEvent }
    if (this.#lost === null) this.#send({ kind: 'prepare', jobs })
    else this.#failRun(this.#lost)
    return {
      ready: ready.promise,
      part: part.promise,
      begin: (startAtMs) => this.#send({ kind: 'begin', startAtMs }),
      stop: () => this.#send({ kind: 'stop' }),
    }
  }

  /** Hangs up: the agent ends whatever it still does for this controller. */
  close(): void {
    const message = `The connection to agent ${this.address} was closed.`
    this.#end(new ForkwiseError('AGENT_UNAVAILABLE', { message }))
  }

  #hear(value: unknown): void {
    const answeredMs = monotonicMs()
    this.#silentBeats = 0
    const message = readFromAgent(value)
    if (typeof message === 'string') return this.#lose(`it sent ${message}`)
    switch (message.kind) {
      case 'welcome':
        this.#facts = message.facts
        return this.#send({ kind: 'hello', protocol: PROTOCOL, build: this.#side.build, nonce: message.nonce })
      case 'accepted':
        return this.#accepted.resolve(this.#facts)
      case 'refused':
        return this.#lose(`it refused ${message.reason}`)
      case 'clock':
        this.#clocks.get(message.id)?.resolve({ otherMs: message.monotonicMs, answeredMs })
        return void this.#clocks.delete(message.id)
      case 'ceiling':
      case 'probe':
        return this.#answers.get(message.kind)?.resolve(message)
      case 'ready':
        return this.#run?.ready.resolve()
      case 'done':
        return this.#run?.part.resolve(message)
      case 'failed':
        return this.#fail(message)
      default:
        return this.#run?.onEvent(message)
    }
  }

  #fail({ about, failure: { code, message, hint } }: Extract<FromAgent, { kind: 'failed' }>): void {
    const error = new ForkwiseError(
      code === 'AGENT_UNAVAILABLE' || code === 'TARGET_UNREACHABLE' ? code : 'TRIAL_FAILED',
      {
        message: `Agent ${this.address} (${this.#facts.host}): ${message}`,
        ...(hint === undefined ? {} : { hint }),
      },
    )
    if (about === 'load') this.#failRun(error)
    else this.#answers.get(about)?.reject(error)
  }

  #failRun(error: ForkwiseError): void {
    this.#run?.ready.reject(error)
    this.#run?.part.reject(error)
  }

  async #askClock(): Promise<ClockExchange> {
    if (this.#lost !== null) throw this.#lost
    const id = this.#clockId++
    const answer = settleable<Omit<ClockExchange, 'askedMs'>>()
    this.#clocks.set(id, answer)
    const askedMs = monotonicMs()
    this.#send({ kind: 'clock', id })
    return { askedMs, ...(await answer.promise) }
  }

  #ping(): void {
    if (this.#silentBeats++ >= MOST_SILENT_BEATS) {
      return this.#lose(`it said nothing for ${(MOST_SILENT_BEATS * BEAT_MS) / 1000} s`)
    }
    this.#send({ kind: 'clock', id: this.#clockId++ })
  }

  /** The agent is not there any more, and what it measured is void. */
  #lose(how: string): void {
    const { host } = this.#facts
    this.#end(
      this.#beat === undefined
        ? new ForkwiseError('AGENT_UNAVAILABLE', {
            message: `Expected a load agent of campaign ${this.#side.identity.campaign} at ${this.address}, but ${how}.`,
            hint: 'Start `forkwise agent` there, of the same build and with the agent.pem of the same campaign.',
          })
        : new PartEndedError('TRIAL_FAILED', {
            message: `Agent ${this.address} (${host}) was lost: ${how}. What it had part in does not count.`,
          }),
    )
  }

  /** Hangs up; whatever waits for the agent hears why. */
  #end(error: ForkwiseError): void {
    if (this.#lost !== null) return
    this.#lost = error
    clearInterval(this.#beat)
    this.#accepted.reject(error)
    for (const waiting of [...this.#answers.values(), ...this.#clocks.values()]) waiting.reject(error)
    this.#failRun(error)
    this.#socket.destroy()
  }

  #send(message: ToAgent): void {
    this.#frames.send(message)
  }
}
