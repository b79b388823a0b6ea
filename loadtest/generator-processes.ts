import { fork, type ChildProcess } from 'node:child_process'
import { ForkwiseError, PartEndedError } from '../core/errors.ts'
import { compiled } from '../core/paths.ts'
import { settleable } from '../core/settleable.ts'
import type { ClientPolicy } from './drivers/steering.ts'
import type { FromGenerator, GeneratorJob, GeneratorPart, ToGenerator } from './generator-protocol.ts'

/** How long a generator may take to hand over its part once it was asked to stop; some ms, but on a busy machine seconds. */
const STOP_GRACE_MS = 10_000

/** Where and how a generator process runs. */
export interface GeneratorPlace {
  /** CPUs that it is pinned to; empty = all. */
  readonly cpus: readonly number[]
  /** Words before its command line that give it real-time priority; null = ordinary priority. */
  readonly realTime: readonly string[] | null
}

/**
 * Generator processes that stay between the loads of a run. A start takes half a second of CPU, and a process that has
 * driven a load before needs less for each request; both would otherwise be taken from the server that is measured.
 */
export class GeneratorProcesses {
  readonly #kept: GeneratorProcess[] = []

  /** One that has ended its load and runs as asked, or a new one. */
  take(place: GeneratorPlace): GeneratorProcess {
    const found = this.#kept.findIndex((process) => process.isAlive && samePlace(process.place, place))
    return this.#kept.splice(found, found === -1 ? 0 : 1)[0] ?? new GeneratorProcess(place)
  }

  /** Keeps one whose load has ended as it should. */
  keep(process: GeneratorProcess): void {
    this.#kept.push(process)
  }

  /** Ends those that are kept. */
  async close(): Promise<void> {
    await Promise.all(this.#kept.splice(0).map(async (process) => process.end()))
  }
}

function samePlace(one: GeneratorPlace, other: GeneratorPlace): boolean {
  const words = ({ cpus, realTime }: GeneratorPlace): string => JSON.stringify([cpus, realTime])
  return words(one) === words(other)
}

/** One generator process, which runs one load after another. */
export class GeneratorProcess {
  readonly place: GeneratorPlace
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #run: GeneratorRun | null = null
  #failure: ForkwiseError | null = null

  constructor(place: GeneratorPlace) {
    this.place = place
    const child = forkGenerator(place)
    this.#child = child
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()))
    const complaints = lastWordsOf(child)
    const fail = (error: ForkwiseError): void => {
      this.#failure ??= error
      this.#run?.fail(error)
    }
    child.on('message', (message: FromGenerator) => this.#run?.hear(message))
    child.once('error', (error) =>
      fail(new ForkwiseError('TRIAL_FAILED', { message: `The load generator could not be started: ${error.message}` })),
    )
    child.once('close', (code, signal) => {
      const message = `The load generator ended early (${signal ?? `exit code ${code}`}).${complaints()}`
      fail(new PartEndedError('TRIAL_FAILED', { message }))
    })
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it can run a load, as far as is known. */
  get isAlive(): boolean {
    return this.#failure === null && this.#child.connected
  }

  /** Has it plan a job, once the one before it is over. */
  run(job: GeneratorJob, onEvent: (message: FromGenerator) => void): GeneratorRun {
    const run = new GeneratorRun(
      (message) => {
        if (this.#child.connected) this.#child.send(message, () => {})
      },
      () => this.#child.kill('SIGKILL'),
      onEvent,
    )
    this.#run = run
    if (this.#failure === null) run.prepare(job, this.place.realTime !== null)
    else run.fail(this.#failure)
    return run
  }

  /** Kills it and resolves when it is gone. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

/** One load in a generator process. */
export class GeneratorRun {
  readonly #ready = settleable<void>()
  readonly #part = settleable<GeneratorPart>()
  readonly #send: (message: ToGenerator) => void
  readonly #kill: () => void
  readonly #onEvent: (message: FromGenerator) => void
  #giveUp: NodeJS.Timeout | undefined

  constructor(send: (message: ToGenerator) => void, kill: () => void, onEvent: (message: FromGenerator) => void) {
    this.#send = send
    this.#kill = kill
    this.#onEvent = onEvent
    // Whoever waits for one of the two hears of the failure; the other must not be a rejection that nobody handles.
    this.ready.catch(() => {})
    this.part.catch(() => {})
  }

  /** Settles when the process has planned its job. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** What it measured; rejects when it fails or ends early. */
  get part(): Promise<GeneratorPart> {
    return this.#part.promise
  }

  /** Hands the job over. */
  prepare(job: GeneratorJob, realTime: boolean): void {
    this.#send({ kind: 'prepare', job, realTime })
  }

  /** Lets the load begin, an open one at an instant of the clock that all processes share. */
  begin(startAtMonotonicMs: number): void {
    this.#send({ kind: 'begin', startAtMonotonicMs })
  }

  /** Changes how its clients behave from now on. */
  steer(policy: ClientPolicy): void {
    this.#send({ kind: 'steer', policy })
  }

  /** Asks for what was counted so far; kills the process when that does not come soon. */
  stop(): void {
    this.#send({ kind: 'stop' })
    this.#giveUp ??= setTimeout(this.#kill, STOP_GRACE_MS)
  }

  /** Fails and kills the process: it should have been done long ago. */
  giveUp(afterS: number): void {
    const message = `The load generator did not end within ${afterS} s; the machine is too busy, perhaps with another run.`
    this.fail(new ForkwiseError('TRIAL_FAILED', { message }))
    this.#kill()
  }

  /** Takes a message of the process. */
  hear(message: FromGenerator): void {
    if (message.kind === 'ready') this.#ready.resolve()
    else if (message.kind === 'done') this.#part.resolve(message.part)
    else if (message.kind === 'failed') {
      this.fail(new ForkwiseError('TRIAL_FAILED', { message: `The load generator failed: ${message.message}` }))
    } else this.#onEvent(message)
  }

  /** Rejects whatever has not settled yet. */
  fail(error: ForkwiseError): void {
    this.#ready.reject(error)
    this.#part.reject(error)
  }

  /** Nothing is asked of it any more. */
  close(): void {
    clearTimeout(this.#giveUp)
  }
}

function forkGenerator({ cpus, realTime }: GeneratorPlace): ChildProcess {
  const pinned = cpus.length === 0 ? [] : ['taskset', '-c', cpus.join(',')]
  const [execPath, ...execArgv] = [...pinned, ...(realTime ?? []), process.execPath]
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|npm_|VITEST)/i.test(name)),
  )
  return fork(compiled('loadtest/generator-process.js'), [], {
    execPath,
    execArgv,
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

function lastWordsOf(child: ChildProcess): () => string {
  const words: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words.push(text)
    if (words.length > 50) words.shift()
  })
  return () => {
    const last = words.join('').trim()
    return last === '' ? '' : `\n${last.split('\n').slice(-15).join('\n')}`
  }
}
