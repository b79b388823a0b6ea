import { availableParallelism } from 'node:os'
import { addLedgers } from '../core/ledger.ts'
import type { Load } from '../core/load.ts'
import type { DriverProgress } from './driver-progress.ts'
import type { DriverOptions } from './driver.ts'
import { GeneratorProcess } from './generator-processes.ts'
import { addTotals } from './load-totals.ts'
import type { FromGenerator, GeneratorJob, GeneratorPart } from './generator-protocol.ts'
import { monotonicMs } from './precise-timer.ts'
import { MOST_REAL_TIME_RATE, realTimeWords } from './real-time.ts'

/** From the order to begin to the first instant: long enough for the order to arrive on a busy machine. */
const START_AHEAD_MS = 50
/** How much longer than its load and the timeout of the last request a generator may take, on the busiest machine. */
const OVERTIME_S = 30

/**
 * Runs jobs in one generator process each, which begin together: in those that stay for the run (`options.generators`),
 * or in some that are gone when this settles. The counted part begins with the first of them and ends with the last;
 * progress is reported about once a second for all of them. Open loops run with real-time priority where that is
 * permitted: they sleep between their instants, and a server that fills every core would make them late. Closed loops do
 * not, since they take what CPU they are given, nor do high rates and as many processes as there are cores: nothing else
 * would run then.
 */
export async function runGenerators(
  jobs: readonly GeneratorJob[],
  options: DriverOptions,
): Promise<readonly GeneratorPart[]> {
  const { generators, signal } = options
  const events = new SharedEvents(jobs.length, options)
  const mayRise =
    jobs.every(({ load }) => load.kind === 'open' && load.ratePerS <= MOST_REAL_TIME_RATE) &&
    jobs.length < availableParallelism()
  const place = { cpus: options.cpus ?? [], realTime: mayRise ? await realTimeWords() : null }
  const processes = jobs.map(() => generators?.take(place) ?? new GeneratorProcess(place))
  for (const { pid } of processes) if (pid !== undefined) options.onProcess?.(pid)
  const runs = processes.map((process, i) => process.run(jobs[i] as GeneratorJob, (message) => events.take(i, message)))
  const stop = (): void => runs.forEach((run) => run.stop())
  let deadline: NodeJS.Timeout | undefined
  let isWhole = false
  try {
    await Promise.all(runs.map(async ({ ready }) => ready))
    const startAtMonotonicMs = monotonicMs() + START_AHEAD_MS
    for (const run of runs) run.begin(startAtMonotonicMs)
    options.onSteering?.((policy) => runs.forEach((run) => run.steer(policy)))
    const mostS = Math.max(...jobs.map(({ load }) => longestS(load)))
    deadline = setTimeout(() => runs.forEach((run) => run.giveUp(mostS)), mostS * 1000)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    const parts = await Promise.all(runs.map(async ({ part }) => part))
    isWhole = !signal.aborted
    return parts
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', stop)
    for (const run of runs) run.close()
    if (isWhole && generators !== undefined) processes.forEach((process) => generators.keep(process))
    else await Promise.all(processes.map(async (process) => process.end()))
  }
}

/** Seconds within which a load is over, whatever the server does, or never will be. */
function longestS(load: Load): number {
  const warmupS = load.kind === 'open' ? (load.warmupS ?? 0) : (load.warmup?.maxS ?? 0)
  return warmupS + load.durationS + load.timeoutS + OVERTIME_S
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
    ...(last.ledger === undefined ? {} : { ledger: addLedgers(all.flatMap(({ ledger }) => ledger ?? [])) }),
  }
}

function defined<Key extends string, T>(key: Key, value: T | null): { [name in Key]?: T } {
  return value === null ? {} : ({ [key]: value } as { [name in Key]: T })
}

function sumOf(values: readonly (number | undefined)[]): number | null {
  const numbers = values.filter((value) => value !== undefined)
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0)
}
