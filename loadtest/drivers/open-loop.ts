import { LatencyHistogram } from '../../core/histogram.ts'
import type { OpenLoad } from '../../core/load.ts'
import type { GeneratorJob, GeneratorPart } from '../generator-protocol.ts'
import { monotonicMs, PreciseTimer } from '../precise-timer.ts'
import type { EnginePart, PhaseEvents } from './closed-loop.ts'
import { BusyShare } from './busy-share.ts'
import { OPEN_CONNECTION_POLICY, OpenConnections } from './open-connections.ts'
import { Recorder } from './recorder.ts'
import { beat, until } from './rhythm.ts'
import type { Schedule } from './schedule.ts'

/** How often requests are checked against the timeout. */
const SWEEP_INTERVAL_MS = 10

/**
 * Runs an open loop, or one process's share of it: every arrival is sent at its instant, or as soon after it as the
 * machine and the connections allow, and never left out. Latency runs from the intended instant, service time from the
 * send. After the last instant each request in flight still has its timeout; what has found no connection by one
 * timeout after the end stays unsent. When the signal aborts, resolves at once with what was counted so far.
 */
export async function runOpenLoop(
  job: GeneratorJob,
  schedule: Schedule,
  startAtMonotonicMs: number,
  events: PhaseEvents,
  signal: AbortSignal,
): Promise<EnginePart> {
  const load = job.load as OpenLoad
  const timer = new PreciseTimer()
  const recorder = new Recorder(job.requests, load.timeoutS, load.kind)
  const lateness = new LatencyHistogram()
  let latenessOfSecond = new LatencyHistogram()
  const startMs = performance.now() + (startAtMonotonicMs - monotonicMs())
  const countFromMs = startMs + schedule.countedFromMs
  const endMs = startMs + schedule.endMs

  const trace = job.traced === true ? new Float64Array(schedule.instantsMs.length).fill(-1) : null
  const pools = job.targets.map(
    (target) =>
      new OpenConnections(
        target,
        job.requests,
        {
          timeoutMs: load.timeoutS * 1000,
          maxConnections: Math.max(1, Math.floor(load.maxConnections / job.targets.length / job.share.of)),
          closesSilently: job.closesSilently,
        },
        {
          sent: ({ counted }) => {
            if (counted) recorder.countSent()
          },
          ended: ({ counted, request, place }, ending, latenessUs) => {
            if (trace !== null && ending.kind === 'answer') trace[place] = ending.latencyUs
            if (!counted) return
            lateness.record(latenessUs)
            latenessOfSecond.record(latenessUs)
            recorder.countEnding(request, ending, latenessUs)
          },
        },
      ),
  )

  let next = 0
  let sending = true
  const sendDue = (): void => {
    if (!sending || signal.aborted) return
    const { instantsMs, requests } = schedule
    const nowMs = performance.now()
    for (; next < instantsMs.length; next++) {
      const atMs = instantsMs[next] ?? 0
      if (startMs + atMs > nowMs) break
      const counted = atMs >= schedule.countedFromMs
      const request = requests[next] ?? 0
      pools[next % pools.length]?.send({ place: next, intendedMs: startMs + atMs, request, counted })
    }
    if (next < instantsMs.length) timer.at(startMs + (instantsMs[next] ?? 0), sendDue)
  }
  timer.at(startMs, sendDue)
  const endSweeps = beat(startMs, SWEEP_INTERVAL_MS, () => {
    const nowMs = performance.now()
    for (const pool of pools) pool.sweep(nowMs)
  })

  const total = (value: (pool: OpenConnections) => number): number => pools.reduce((sum, pool) => sum + value(pool), 0)
  const meter = new Meter(timer, () => total((pool) => pool.receivedBytes))
  await until(countFromMs, signal)
  meter.start()
  events.counting()
  let phase: 'counting' | 'draining' = 'counting'
  const busy = new BusyShare(() => timer.idleMs)
  const endSeconds = beat(countFromMs, 1000, () => {
    const latenessUs = latenessOfSecond.quantileUs(0.99)
    latenessOfSecond = new LatencyHistogram()
    events.progress({
      ...recorder.closeSecond(
        phase,
        total(({ counters }) => counters.answered),
      ),
      offeredRatePerS: load.ratePerS / job.share.of,
      eventLoopUtilization: busy.read(),
      latenessP99Ms: latenessUs === null ? null : latenessUs / 1000,
    })
  })
  await until(endMs, signal)
  const usage = meter.read()
  const countedS = Math.max(0, Math.min(performance.now(), endMs) - countFromMs) / 1000
  events.counted()

  phase = 'draining'
  const timeoutMs = load.timeoutS * 1000
  const isOver = (): boolean => next === schedule.instantsMs.length && pools.every((pool) => pool.unfinished === 0)
  await untilTrue(isOver, endMs + timeoutMs, signal)
  sending = false
  next = schedule.instantsMs.length
  for (const pool of pools) pool.forgetWaiting()
  await untilTrue(isOver, endMs + 2 * timeoutMs + 10 * SWEEP_INTERVAL_MS, signal)
  endSeconds()
  endSweeps()
  recorder.closeLastSecond()
  const scheduled = schedule.instantsMs.reduce((count, at) => count + (at >= schedule.countedFromMs ? 1 : 0), 0)
  const part: EnginePart = {
    ...recorder.part(),
    ...usage,
    countedS,
    warmup: null,
    ledger: recorder.ledger({ scheduled, unsent: scheduled - recorder.sent }),
    lateness: lateness.toBase64(),
    connectionsOpened: total(({ counters }) => counters.opened),
    client: { name: 'undici', connectionPolicy: OPEN_CONNECTION_POLICY },
    lifetime: { sent: total(({ counters }) => counters.sent), answered: total(({ counters }) => counters.answered) },
    ...(trace === null ? {} : { traceUs: [...trace] }),
  }
  await Promise.all([timer.close(), ...pools.map(async (pool) => pool.close())])
  return part
}

/** Resolves once the condition holds, at an instant of `performance.now()`, or when the signal aborts. */
async function untilTrue(condition: () => boolean, atLatestMs: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const endChecks = beat(performance.now(), 2, () => {
    if (signal.aborted || condition()) over.abort()
  })
  await until(atLatestMs, over.signal)
  endChecks()
}

/** CPU, event loop and bytes of the counted part. */
class Meter {
  readonly #timer: PreciseTimer
  readonly #bytes: () => number
  #startMs = 0
  #cpu: NodeJS.CpuUsage = process.cpuUsage()
  #loop = performance.eventLoopUtilization()
  #idleMs = 0
  #bytesAtStart = 0

  constructor(timer: PreciseTimer, bytes: () => number) {
    this.#timer = timer
    this.#bytes = bytes
  }

  start(): void {
    this.#startMs = performance.now()
    this.#cpu = process.cpuUsage()
    this.#loop = performance.eventLoopUtilization()
    this.#idleMs = this.#timer.idleMs
    this.#bytesAtStart = this.#bytes()
  }

  /** Turning while waiting for an instant uses CPU, but it is no work: the loop is free meanwhile. */
  read(): Pick<GeneratorPart, 'cpuCores' | 'eventLoopUtilization' | 'bytesReceived'> {
    const wallMs = Math.max(1e-6, performance.now() - this.#startMs)
    const { user, system } = process.cpuUsage(this.#cpu)
    const { active } = performance.eventLoopUtilization(this.#loop)
    return {
      cpuCores: (user + system) / 1000 / wallMs,
      eventLoopUtilization: Math.max(0, active - (this.#timer.idleMs - this.#idleMs)) / wallMs,
      bytesReceived: this.#bytes() - this.#bytesAtStart,
    }
  }
}
