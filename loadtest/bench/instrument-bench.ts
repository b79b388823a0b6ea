import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerModel, RunningServer } from '../../cluster/model.ts'
import { threadsCpuS } from '../../cluster/proc.ts'
import { openSession, type Session } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { ClosedLoad } from '../../core/load.ts'
import { proofRequest } from '../calibration/proof.ts'
import { runClosedLoop, type PhaseEvents } from '../drivers/closed-loop.ts'
import { scrape } from '../observation/scrape.ts'
import type { BenchSurroundings } from './open-loop-bench.ts'

/** The cheapest thing that the built-in app can be asked for: what is paid besides shows most here. */
export const CHEAPEST_PATH = '/cpu/fib?n=0'

/** Readings a second in the pieces that are read: many more than the one of a run, so that their cost shows. */
const READINGS_PER_S = 20

/** How much is measured. */
export interface InstrumentBenchExtent {
  /** Pairs of launches, one with and one without the instrument. */
  readonly launches: number
  /** Times that each pair is driven, with and without. */
  readonly turns: number
  /** After this many turns it is also driven while its metrics are read. */
  readonly turnsPerRead: number
  /** Seconds of load in one piece. */
  readonly pieceS: number
  /** Seconds that a fresh server is driven before it counts. */
  readonly warmupS: number
}

/** What one pair of launches cost; CPU of the whole process, all of its threads. */
export interface InstrumentCost {
  /** CPU per request, in µs. */
  readonly withoutUs: number
  readonly withUs: number
  /** CPU per request with the instrument ÷ without. */
  readonly instrumentRatio: number
  /** CPU per request while metrics are read {@link readingsPerS} times a second ÷ while they are not. */
  readonly readingRatio: number
  readonly readingsPerS: number
  /** CPU of one reading of an otherwise idle server, in ms. */
  readonly readingMs: number
}

const EXTENT: InstrumentBenchExtent = { launches: 48, turns: 8, turnsPerRead: 4, pieceS: 0.12, warmupS: 1.5 }

/** Readings of an idle server. */
const IDLE_READINGS = 40

/** Time after a load in which the server does what is left to do, in ms. */
const SETTLE_MS = 15

const NO_EVENTS: PhaseEvents = { counting: () => undefined, counted: () => undefined, progress: () => undefined }

/**
 * What the instrument costs: pairs of the same server, with and without it, side by side and driven in turns in short
 * pieces by a closed loop in this process. CPU comes from the counters of the server's threads, exact while the server
 * is idle, and so is taken before the first request of a piece and after the last. Launches differ by more than
 * pieces of one launch do, so each pair of launches gives one ratio. Throws MACHINE_UNFIT where the kernel does not report the CPU time of threads.
 */
export async function benchInstrument(
  single: ServerModel,
  { signal, say }: BenchSurroundings,
  extent: InstrumentBenchExtent = EXTENT,
): Promise<readonly InstrumentCost[]> {
  const session = await openSession()
  const agent = new http.Agent({ keepAlive: true })
  try {
    const costs: InstrumentCost[] = []
    for (let launch = 1; launch <= extent.launches; launch++) {
      say(`pair of launches ${launch} of ${extent.launches}`)
      costs.push(await costOfPair(single, session, launch % 2 === 0, extent, agent, signal))
    }
    return costs
  } finally {
    agent.destroy()
    await session.close()
  }
}

async function costOfPair(
  single: ServerModel,
  session: Session,
  instrumentFirst: boolean,
  extent: InstrumentBenchExtent,
  agent: http.Agent,
  signal: AbortSignal,
): Promise<InstrumentCost> {
  const servers: Subject[] = []
  try {
    for (const metrics of instrumentFirst ? [true, false] : [false, true]) {
      servers.push(await Subject.start(single, session, metrics, agent, signal))
    }
    for (const server of servers) await server.cpuPerRequestUs(extent.warmupS, signal)
    const [without, instrumented] = instrumentFirst ? [servers[1], servers[0]] : servers
    if (without === undefined || instrumented === undefined) throw new Error('Expected a pair of servers.')
    const taken = { without: [] as number[], with: [] as number[], read: [] as number[] }
    for (let turn = 0; turn < extent.turns; turn++) {
      const drive = async (kind: 'without' | 'with'): Promise<unknown> =>
        taken[kind].push(await (kind === 'with' ? instrumented : without).cpuPerRequestUs(extent.pieceS, signal))
      for (const kind of turn % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
        await drive(kind)
      }
      if (turn % extent.turnsPerRead === 0) {
        taken.read.push(await instrumented.cpuPerRequestWhileReadUs(extent.pieceS, signal))
      }
    }
    const [withoutUs, withUs] = [trimmedMean(taken.without), trimmedMean(taken.with)]
    return {
      withoutUs,
      withUs,
      instrumentRatio: withUs / withoutUs,
      readingRatio: trimmedMean(taken.read) / withUs,
      readingsPerS: instrumented.readingsPerS,
      readingMs: await instrumented.readingMs(),
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

/** One launched server under the bench. */
class Subject {
  readonly #server: RunningServer
  readonly #pid: number
  readonly #metricsUrl: URL | null
  readonly #agent: http.Agent
  #readings = 0
  #readForS = 0

  private constructor(server: RunningServer, pid: number, metricsUrl: URL | null, agent: http.Agent) {
    this.#server = server
    this.#pid = pid
    this.#metricsUrl = metricsUrl
    this.#agent = agent
  }

  static async start(
    model: ServerModel,
    session: Session,
    metrics: boolean,
    agent: http.Agent,
    signal: AbortSignal,
  ): Promise<Subject> {
    const server = await startServer(model, {
      session,
      size: { workers: 1, threads: 1 },
      app: {},
      metrics,
      upstreamUrl: 'http://127.0.0.1:9',
      signal,
    })
    const [unit] = await server.units()
    if (unit === undefined) throw new Error(`Expected \`${model.id}\` to have a unit.`)
    return new Subject(server, unit.pid, unit.metricsUrl === undefined ? null : new URL(unit.metricsUrl), agent)
  }

  /** Drives the server for a piece; CPU of its process per answer, in µs. */
  async cpuPerRequestUs(durationS: number, signal: AbortSignal): Promise<number> {
    const load: ClosedLoad = { kind: 'closed', connections: 8, durationS, timeoutS: 5, seed: 1 }
    const job = {
      targets: this.#server.targets.map(({ origin }) => origin),
      requests: [proofRequest(CHEAPEST_PATH)],
      load,
      closesSilently: false,
      share: { index: 0, of: 1 },
    }
    const beforeS = this.#cpuS()
    const { lifetime } = await runClosedLoop(job, NO_EVENTS, signal)
    signal.throwIfAborted()
    await sleep(SETTLE_MS)
    return ((this.#cpuS() - beforeS) * 1e6) / lifetime.answered
  }

  /** The same while its metrics are read {@link READINGS_PER_S} times a second. */
  async cpuPerRequestWhileReadUs(durationS: number, signal: AbortSignal): Promise<number> {
    const begunMs = performance.now()
    const readings = [this.#read()]
    const timer = setInterval(() => readings.push(this.#read()), 1000 / READINGS_PER_S)
    try {
      return await this.cpuPerRequestUs(durationS, signal)
    } finally {
      clearInterval(timer)
      this.#readings += readings.length
      this.#readForS += (performance.now() - begunMs) / 1000
      await Promise.all(readings)
    }
  }

  /** How often it was read a second in those pieces. */
  get readingsPerS(): number {
    return this.#readings / this.#readForS
  }

  /** CPU of one reading while there is nothing else to do, in ms. */
  async readingMs(): Promise<number> {
    const beforeS = this.#cpuS()
    for (let i = 0; i < IDLE_READINGS; i++) await this.#read()
    await sleep(SETTLE_MS)
    return ((this.#cpuS() - beforeS) * 1000) / IDLE_READINGS
  }

  async stop(): Promise<void> {
    await this.#server.stop(0)
  }

  #read(): Promise<string> {
    if (this.#metricsUrl === null) throw new Error('Expected a server with metrics.')
    return scrape(this.#metricsUrl, this.#agent)
  }

  #cpuS(): number {
    const cpuS = threadsCpuS(this.#pid)
    if (cpuS === null) {
      throw new ForkwiseError('MACHINE_UNFIT', {
        message: 'Expected the kernel to report the CPU time of threads (/proc/PID/task/*/schedstat), it does not.',
        hint: 'Run this bench on Linux.',
      })
    }
    return cpuS
  }
}

/** Mean without the highest and lowest fifth: a piece that something else disturbed does not decide. */
function trimmedMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const cut = Math.floor(sorted.length / 5)
  const kept = sorted.slice(cut, sorted.length - cut)
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}
