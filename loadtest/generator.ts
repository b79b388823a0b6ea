import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { ForkwiseError, PartEndedError } from '../core/errors.ts'
import type { Load } from '../core/load.ts'
import { compiled } from '../core/paths.ts'
import type { DriverOptions, DriverProgress } from './driver.ts'
import { addTotals } from './load-totals.ts'
import type { FromGenerator, GeneratorJob, GeneratorPart, ToGenerator } from './generator-protocol.ts'
import { monotonicMs } from './precise-timer.ts'
import { MOST_REAL_TIME_RATE, realTimeWords } from './real-time.ts'

/** How long a generator may take to hand over its part once it was asked to stop; some ms, but on a busy machine seconds. */
const STOP_GRACE_MS = 10_000
/** From the order to begin to the first instant: long enough for the order to arrive on a busy machine. */
const START_AHEAD_MS = 50
/** How much longer than its load and the timeout of the last request a generator may take, on the busiest machine. */
const OVERTIME_S = 30

/**
 * Runs jobs in one generator process each, which begin together and are gone when this settles. The counted part begins
 * with the first of them and ends with the last; progress is reported about once a second for all of them. Open loops run
 * with real-time priority where that is permitted: they sleep between their instants, and a server that fills every core
 * would make them late. Closed loops do not, since they take what CPU they are given, nor do high rates and as many
 * processes as there are cores: nothing else would run then.
 */
export async function runGenerators(
  jobs: readonly GeneratorJob[],
  options: DriverOptions,
): Promise<readonly GeneratorPart[]> {
  const events = new SharedEvents(jobs.length, options)
  const mayRise =
    jobs.every(({ load }) => load.kind === 'open' && load.ratePerS <= MOST_REAL_TIME_RATE) &&
    jobs.length < availableParallelism()
  const realTime = mayRise ? await realTimeWords() : null
  const generators = jobs.map(
    (job, i) => new GeneratorProcess(job, options, realTime, (message) => events.take(i, message)),
  )
  const stop = (): void => generators.forEach((generator) => generator.stop())
  let deadline: NodeJS.Timeout | undefined
  try {
    await Promise.all(generators.map(async ({ ready }) => ready))
    const startAtMonotonicMs = monotonicMs() + START_AHEAD_MS
    for (const generator of generators) generator.send({ kind: 'begin', startAtMonotonicMs })
    const mostS = Math.max(...jobs.map(({ load }) => longestS(load)))
    deadline = setTimeout(() => generators.forEach((generator) => generator.giveUp(mostS)), mostS * 1000)
    if (options.signal.aborted) stop()
    else options.signal.addEventListener('abort', stop, { once: true })
    return await Promise.all(generators.map(async ({ part }) => part))
  } finally {
    clearTimeout(deadline)
    options.signal.removeEventListener('abort', stop)
    await Promise.all(generators.map(async (generator) => generator.end()))
  }
}

/** Seconds within which a load is over, whatever the server does, or never will be. */
function longestS(load: Load): number {
  const warmupS = load.kind === 'open' ? (load.warmupS ?? 0) : (load.warmup?.maxS ?? 0)
  return warmupS + load.durationS + load.timeoutS + OVERTIME_S
}

/** One generator process, from its start on. */
class GeneratorProcess {
  /** Settles when it has planned its job. */
  readonly ready: Promise<void>
  /** What it measured; rejects when it fails or ends early. */
  readonly part: Promise<GeneratorPart>
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #fail: (message: string) => void
  #giveUp: NodeJS.Timeout | undefined

  constructor(
    job: GeneratorJob,
    options: DriverOptions,
    realTime: readonly string[] | null,
    onEvent: (message: FromGenerator) => void,
  ) {
    const child = forkGenerator(options.cpus ?? [], realTime ?? [])
    this.#child = child
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()))
    if (child.pid !== undefined) options.onProcess?.(child.pid)
    const complaints = lastWordsOf(child)
    const ready = settleable<void>()
    const part = settleable<GeneratorPart>()
    this.ready = ready.promise
    this.part = part.promise
    const failWith = (error: ForkwiseError): void => {
      ready.reject(error)
      part.reject(error)
    }
    const fail = (message: string): void => failWith(new ForkwiseError('TRIAL_FAILED', { message }))
    this.#fail = fail
    child.on('message', (message: FromGenerator) => {
      if (message.kind === 'ready') ready.resolve()
      else if (message.kind === 'done') part.resolve(message.part)
      else if (message.kind === 'failed') fail(`The load generator failed: ${message.message}`)
      else onEvent(message)
    })
    // Whoever waits for one of the two hears of the failure; the other must not be a rejection that nobody handles.
    this.ready.catch(() => {})
    this.part.catch(() => {})
    child.once('error', (error) => fail(`The load generator could not be started: ${error.message}`))
    child.once('close', (code, signal) => {
      const message = `The load generator ended early (${signal ?? `exit code ${code}`}).${complaints()}`
      failWith(new PartEndedError('TRIAL_FAILED', { message }))
    })
    this.send({ kind: 'prepare', job, realTime: realTime !== null })
  }

  send(message: ToGenerator): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** Asks for what was counted so far; kills the process when that does not come soon. */
  stop(): void {
    this.send({ kind: 'stop' })
    this.#giveUp ??= setTimeout(() => this.#child.kill('SIGKILL'), STOP_GRACE_MS)
  }

  /** Fails and kills it: it should have been done long ago. */
  giveUp(afterS: number): void {
    this.#fail(`The load generator did not end within ${afterS} s; the machine is too busy, perhaps with another run.`)
    this.#child.kill('SIGKILL')
  }

  async end(): Promise<void> {
    clearTimeout(this.#giveUp)
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

/** Passes on the events of several processes as those of one. */
class SharedEvents {
  readonly #options: DriverOptions
  readonly #progress: (DriverProgress | undefined)[]
  #counting = 0
  #counted = 0

  constructor(processes: number, options: DriverOptions) {
    this.#options = options
    this.#progress = Array.from({ length: processes }, () => undefined)
  }

  take(index: number, message: FromGenerator): void {
    if (message.kind === 'counting' && this.#counting++ === 0) this.#options.onCounting?.()
    if (message.kind === 'counted' && ++this.#counted === this.#progress.length) this.#options.onCounted?.()
    if (message.kind !== 'progress') return
    this.#progress[index] = message.progress
    const known = this.#progress.filter((progress) => progress !== undefined)
    if (known.length === this.#progress.length) {
      this.#progress.fill(undefined)
      this.#options.onProgress?.(togetherOf(message.progress, known))
    }
  }
}

/** Rates, failures and totals add up; of the rest, which does not, the largest is shown. */
function togetherOf(last: DriverProgress, all: readonly DriverProgress[]): DriverProgress {
  const largest = (values: readonly (number | null)[]): number | null => {
    const numbers = values.filter((value) => value !== null)
    return numbers.length === 0 ? null : Math.max(...numbers)
  }
  return {
    ...last,
    ratePerS: all.reduce((sum, { ratePerS }) => sum + ratePerS, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    p50Ms: largest(all.map(({ p50Ms }) => p50Ms)),
    p99Ms: largest(all.map(({ p99Ms }) => p99Ms)),
    ...defined('offeredRatePerS', sumOf(all.map(({ offeredRatePerS }) => offeredRatePerS))),
    ...defined('eventLoopUtilization', largest(all.map(({ eventLoopUtilization }) => eventLoopUtilization ?? null))),
    ...defined('latenessP99Ms', largest(all.map(({ latenessP99Ms }) => latenessP99Ms ?? null))),
    ...defined('totals', addTotals(all.flatMap(({ totals }) => totals ?? []))),
  }
}

function defined<Key extends string, T>(key: Key, value: T | null): { [name in Key]?: T } {
  return value === null ? {} : ({ [key]: value } as { [name in Key]: T })
}

function sumOf(values: readonly (number | undefined)[]): number | null {
  const numbers = values.filter((value) => value !== undefined)
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0)
}

function forkGenerator(cpus: readonly number[], realTime: readonly string[]): ChildProcess {
  const pinned = cpus.length === 0 ? [] : ['taskset', '-c', cpus.join(',')]
  const [execPath, ...execArgv] = [...pinned, ...realTime, process.execPath]
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

interface Settleable<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: Error): void
}

function settleable<T>(): Settleable<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve: (value) => resolve(value), reject: (error) => reject(error) }
}
