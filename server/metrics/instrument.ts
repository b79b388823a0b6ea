import { once } from 'node:events'
import type { Server } from 'node:http'
import { Worker } from 'node:worker_threads'
import type { Labels } from '../../core/exposition.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { METRICS, type MetricKey } from '../../core/metrics.ts'
import { compiled } from '../../core/paths.ts'
import { dependencyCalls } from '../dependency-calls.ts'
import type { Executor } from '../executor.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { MetricsThreadAnswer, MetricsThreadData, MetricsThreadMessage } from './metrics-thread.ts'
import { watchBacklog, watchPool } from './pool-figures.ts'
import { countRequests } from './request-figures.ts'
import { watchRuntime } from './runtime-figures.ts'
import { SharedFigures } from './shared-figures.ts'

/** The states a unit goes through. */
export const UNIT_STATES = ['starting', 'ready', 'draining'] as const

/** One of the states a unit goes through. */
export type UnitState = (typeof UNIT_STATES)[number]

/** Where the metrics are to be served, and for which unit. */
export interface InstrumentOptions {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly unitName: string
  /** False for a thread that leaves the figures of its whole process (CPU, memory, descriptors) to another one. */
  readonly wholeProcess?: boolean
}

/** A counter or gauge of the catalogue with fixed labels. */
export interface Cell {
  add(amount: number): void
  set(value: number): void
}

/** What a process measures about itself, served from a thread of its own. */
export interface Instrument {
  /** Address of the process's metrics, e.g. `http://127.0.0.1:9100/metrics`. A thread's are at `<url>/<thread name>`. */
  readonly url: string
  /** Counts the requests and connections of a server. Call it before the server listens. */
  count(server: Server): void
  /** Shows the figures of an executor's pool and of its threads. */
  watch(executor: Executor): void
  /** Counts how long one request waited for the executor, in seconds. */
  waited(waitS: number): void
  /** Says which state the unit is in; `/readyz` of the metrics server follows it. */
  enter(state: UnitState): void
  /** A counter or gauge of the catalogue, for supervisors: made when first asked for, the same cell for equal labels. */
  cell(key: MetricKey, labels?: Labels): Cell
  /** A new histogram of the catalogue: what it returns counts one observation. Ask for each once. */
  histogram(key: MetricKey, labels?: Labels): (value: number) => void
  /** Ends the thread. */
  close(): Promise<void>
}

/** How often utilisation, heap and pools are sampled, in ms. */
const SAMPLE_MS = 1000

/** Starts the metrics of a process; resolves when they can be scraped. Throws PORT_TAKEN when the port is not free. */
export async function startInstrument(options: InstrumentOptions): Promise<Instrument> {
  const postToThread = (message: MetricsThreadMessage): void => thread?.postMessage(message)
  let thread: Worker | undefined
  const figures = new SharedFigures((series) => postToThread({ series }))
  const heartbeat = startHeartbeat(figures.cells)
  const runtime = watchRuntime(figures)
  const states = new Map(UNIT_STATES.map((state) => [state, figures.allocate('workerUp', { state })]))
  const samplers: (() => void)[] = [() => runtime.sample()]
  const timer = setInterval(() => samplers.forEach((sample) => sample()), SAMPLE_MS).unref()
  const stopDependency = watchDependency(figures)

  const enter = (state: UnitState): void => {
    if (state === 'ready') heartbeat.forget()
    for (const [name, at] of states) figures.set(at, name === state ? 1 : 0)
  }
  enter('starting')

  const data: MetricsThreadData = { ...options, buffer: figures.buffer, series: figures.series }
  thread = new Worker(compiled('server/metrics/metrics-thread.js'), { workerData: data, name: 'metrics' })
  const [answer] = (await once(thread, 'message')) as [MetricsThreadAnswer]
  // Not sooner: Deno ends a process that only waits for what is unreferenced.
  thread.unref()
  if ('code' in answer) throw new ForkwiseError(answer.code, answer.problems)
  thread.on('error', (error) => process.stderr.write(`The metrics thread has ended: ${error.stack ?? error.message}\n`))

  const waits = lazily(() => figures.allocate('queueWait'))
  const cells = new Map<string, Cell>()
  return {
    url: `${answer.url}/metrics`,
    count: (server) => countRequests(server, figures),
    watch(executor) {
      if (executor.pool) samplers.push(watchPool(figures, executor.id, () => executor.pool?.()))
      if (executor.backlog) samplers.push(watchBacklog(figures, () => executor.backlog?.()))
      if (executor.board) postToThread({ board: executor.board.buffer })
    },
    waited: (waitS) => figures.observe(waits(), waitS, WAIT_BOUNDS),
    enter,
    cell(key, labels = {}) {
      const id = JSON.stringify([key, labels])
      const cell = cells.get(id) ?? cellAt(figures, figures.allocate(key, labels))
      cells.set(id, cell)
      return cell
    },
    histogram(key, labels = {}) {
      const at = figures.allocate(key, labels)
      const bounds = METRICS[key].buckets ?? []
      return (value) => figures.observe(at, value, bounds)
    },
    async close() {
      clearInterval(timer)
      heartbeat.stop()
      stopDependency()
      runtime.stop()
      await thread.terminate()
    },
  }
}

const WAIT_BOUNDS = METRICS.queueWait.buckets ?? []
const DEPENDENCY_BOUNDS = METRICS.dependencyDuration.buckets ?? []

/** Counts the calls to the dependency; their series appears with the first one. */
function watchDependency(figures: SharedFigures): () => void {
  const place = lazily(() => figures.allocate('dependencyDuration'))
  const observe = (tookS: unknown): void => figures.observe(place(), tookS as number, DEPENDENCY_BOUNDS)
  dependencyCalls.subscribe(observe)
  return () => dependencyCalls.unsubscribe(observe)
}

function cellAt(figures: SharedFigures, at: number): Cell {
  if (at < 0) throw new Error('Expected room for another series; the shared memory is used up.')
  return { add: (amount) => figures.add(at, amount), set: (value) => figures.set(at, value) }
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
