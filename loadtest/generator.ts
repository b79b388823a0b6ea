import { availableParallelism } from 'node:os'
import type { Load } from '../core/load.ts'
import type { DriverOptions } from './driver.ts'
import { GeneratorProcess } from './generator-processes.ts'
import type { GeneratorJob, GeneratorPart } from './generator-protocol.ts'
import { monotonicMs } from './precise-timer.ts'
import { MOST_REAL_TIME_RATE, realTimeWords } from './real-time.ts'
import { SharedEvents } from './shared-events.ts'

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
    const startAtMonotonicMs = (await options.startAt?.()) ?? monotonicMs() + START_AHEAD_MS
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
  return longestWarmupS(load) + load.durationS + load.timeoutS + OVERTIME_S
}

/** Seconds that a load's warm-up takes at most; 0 without one. */
export function longestWarmupS(load: Load): number {
  return load.kind === 'open' ? (load.warmupS ?? 0) : (load.warmup?.maxS ?? 0)
}
