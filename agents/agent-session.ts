import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { ForkwiseError } from '../core/errors.ts'
import { probeTargets } from '../loadtest/drivers/probe.ts'
import { generatorCeiling } from '../loadtest/generator-ceiling.ts'
import { GeneratorProcesses } from '../loadtest/generator-processes.ts'
import type { GeneratorJob } from '../loadtest/generator-protocol.ts'
import { monotonicMs } from '../loadtest/precise-timer.ts'
import { AgentLoad, failureOf } from './agent-load.ts'
import { Frames } from './frames.ts'
import { hangUp } from './hang-up.ts'
import { type AgentLimits, refusedJobs, refusedTarget } from './limits.ts'
import { measureNetwork } from './network.ts'
import {
  type AgentFacts,
  type FromAgent,
  MOST_BYTES,
  PROTOCOL,
  type Question,
  readToAgent,
  type ToAgent,
} from './protocol.ts'

/** What a session needs of the agent that it belongs to. */
export interface SessionSurroundings {
  readonly build: string
  readonly facts: AgentFacts
  readonly limits: AgentLimits
  /** A controller has this long to say hello. */
  readonly helloMs: number
  /** An agent that hears nothing of its controller for this long ends everything. */
  readonly silenceMs: number
  /** Why a controller that has said hello cannot be served now; null when it can, and is from now on. */
  admit(): string | null
  /** What was refused, in words that follow "refused". */
  refused(reason: string): void
  /** What happens, in a line. */
  say(line: string): void
}

/**
 * A controller's time with an agent, from the end of the TLS handshake on. Until the controller has answered the number
 * that was made up for this connection, nothing is done but to wait. Whatever ends the connection ends the load.
 */
export class AgentSession {
  readonly #socket: TLSSocket
  readonly #agent: SessionSurroundings
  readonly #frames: Frames
  readonly #nonce = randomBytes(16).toString('hex')
  readonly #generators = new GeneratorProcesses()
  #silence: NodeJS.Timeout
  #isAccepted = false
  #isRefused = false
  #isBusy = false
  #load: AgentLoad | null = null

  constructor(socket: TLSSocket, agent: SessionSurroundings) {
    this.#socket = socket
    this.#agent = agent
    this.#frames = new Frames(socket, MOST_BYTES.hello, {
      message: (value) => this.#hear(value),
      garbage: (problem) => this.refuse(problem),
    })
    this.#silence = setTimeout(() => this.#silent(), agent.helloMs)
    const { build, facts } = agent
    this.#send({ kind: 'welcome', protocol: PROTOCOL, build, nonce: this.#nonce, facts })
  }

  /** Says why nothing more is done for this controller, to it and here, and hangs up. */
  refuse(reason: string): void {
    if (this.#isRefused) return
    this.#isRefused = true
    this.#agent.refused(reason)
    hangUp(this.#socket, reason)
    this.#load?.stop()
  }

  /** Ends the load and the processes, whether the connection is there or not. Resolves when nothing is left. */
  async close(): Promise<void> {
    clearTimeout(this.#silence)
    this.#socket.destroy()
    this.#load?.stop()
    await this.#load?.over
    await this.#generators.close()
  }

  #hear(value: unknown): void {
    if (this.#isRefused) return
    const message = readToAgent(value)
    if (typeof message === 'string') return this.refuse(message)
    if (message.kind === 'hello') return this.#greet(message)
    if (!this.#isAccepted) return this.refuse(`a message (${message.kind}) before it had said hello`)
    this.#silence.refresh()
    switch (message.kind) {
      case 'clock':
        return this.#send({ kind: 'clock', id: message.id, monotonicMs: monotonicMs() })
      case 'ceiling':
      case 'probe':
        return void this.#answer(message)
      case 'prepare':
        return this.#prepare(message.jobs)
      case 'begin':
        return this.#load?.begin(message.startAtMs)
      case 'stop':
        return this.#load?.stop()
    }
  }

  #greet({ protocol, build, nonce }: Extract<ToAgent, { kind: 'hello' }>): void {
    if (this.#isAccepted) return this.refuse('a second hello')
    if (nonce !== this.#nonce) return this.refuse('a hello that was not made for this connection')
    if (protocol !== PROTOCOL || build !== this.#agent.build) {
      return this.refuse(`another build: the controller's is ${build}, this agent's ${this.#agent.build}`)
    }
    const reason = this.#agent.admit()
    if (reason !== null) return this.refuse(reason)
    this.#isAccepted = true
    this.#frames.mostBytes = MOST_BYTES.toAgent
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#silent(), this.#agent.silenceMs)
    this.#send({ kind: 'accepted' })
  }

  async #answer(question: Question): Promise<void> {
    try {
      this.#send(await this.#alone(async () => this.#find(question)))
    } catch (thrown) {
      this.#send({ kind: 'failed', about: question.kind, failure: failureOf(thrown) })
    }
  }

  async #find(question: Question): Promise<FromAgent> {
    if (question.kind === 'ceiling') return { kind: 'ceiling', ceiling: await generatorCeiling(question.neededPerS) }
    const { targets, request, timeoutS } = question
    this.#allow(refusedTarget(targets, this.#agent.limits))
    const signal = AbortSignal.timeout(timeoutS * 1000)
    const urls = targets.map((target) => new URL(target))
    const result = await probeTargets(urls, request, timeoutS, signal)
    return { kind: 'probe', result, network: await measureNetwork(targets, timeoutS * 1000) }
  }

  #prepare(jobs: readonly GeneratorJob[]): void {
    const run = async (): Promise<void> => {
      this.#allow(refusedJobs(jobs, this.#agent.limits))
      this.#agent.say(`loading ${[...new Set(jobs.flatMap(({ targets }) => targets))].join(' ')}`)
      this.#load = new AgentLoad(jobs, this.#generators, (message) => this.#send(message))
      await this.#load.over
      this.#load = null
      this.#agent.say('load over')
    }
    this.#alone(run).catch((thrown: unknown) =>
      this.#send({ kind: 'failed', about: 'load', failure: failureOf(thrown) }),
    )
  }

  /** One thing at a time: what is measured is not disturbed by what is asked besides. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isBusy)
      throw new ForkwiseError('AGENT_UNAVAILABLE', { message: 'it does one thing at a time, and is busy' })
    this.#isBusy = true
    try {
      return await work()
    } finally {
      this.#isBusy = false
    }
  }

  #allow(reason: string | null): void {
    if (reason === null) return
    this.#agent.refused(reason)
    throw new ForkwiseError('AGENT_UNAVAILABLE', { message: `it refused ${reason}` })
  }

  #silent(): void {
    const { helloMs, silenceMs } = this.#agent
    if (!this.#isAccepted) return this.refuse(`no hello within ${helloMs / 1000} s`)
    this.#agent.say(`nothing heard of the controller for ${silenceMs / 1000} s: everything is ended`)
    this.#socket.destroy()
  }

  #send(message: FromAgent): void {
    this.#frames.send(message)
  }
}
