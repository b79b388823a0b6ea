import { LatencyHistogram } from '../../core/histogram.ts'
import type { OpenLoad } from '../../core/load.ts'
import { deriveSeed, seededRandom } from '../../core/random.ts'
import type { DriverProgress } from '../driver-progress.ts'
import type { GeneratorJob } from '../generator-protocol.ts'
import { monotonicMs, PreciseTimer } from '../precise-timer.ts'
import type { EnginePart, PhaseEvents } from './closed-loop.ts'
import { Attempts } from './attempts.ts'
import { ArrivalWatch } from './arrival-watch.ts'
import { BusyShare } from './busy-share.ts'
import { InFlight } from './in-flight.ts'
import { Meter } from './meter.ts'
import { openConnectionPolicy, OpenConnections } from './open-connections.ts'
import { Recorder } from './recorder.ts'
import { NO_RETRIES, Retries } from './retries.ts'
import { beat, sweepIntervalMs, until, untilTrue } from './rhythm.ts'
import { RouteTally } from './route-tally.ts'
import type { Schedule } from './schedule.ts'
import type { Steering } from './steering.ts'

/**
 * Runs an open loop, or one process's share of it: every arrival is sent at its instant, or as soon after it as the
 * machine and the connections allow, and never left out. Latency runs from the intended instant, service time from the
 * send. After the last instant each request in flight still has its timeout; what has found no connection by one
 * timeout after the end stays unsent. When the signal aborts, resolves at once with what was counted so far.
 */
export async function runOpenLoop(
  job: GeneratorJob & { readonly realTime: boolean },
  schedule: Schedule,
  startAtMonotonicMs: number,
  events: PhaseEvents,
  { signal, steering }: { readonly signal: AbortSignal; readonly steering?: Steering },
): Promise<EnginePart> {
  const load = job.load as OpenLoad
  const timer = new PreciseTimer(job.realTime)
  const recorder = new Recorder(job.requests, load.timeoutS, load.kind)
  const lateness = new LatencyHistogram()
  let latenessOfSecond = new LatencyHistogram()
  const startMs = performance.now() + (startAtMonotonicMs - monotonicMs())
  const countFromMs = startMs + schedule.countedFromMs
  const endMs = startMs + schedule.endMs

  const watch = new ArrivalWatch(job, schedule)
  const inFlight = new InFlight()
  const tally = job.tallied === true ? new RouteTally(job.requests) : null
  let firstLateMs: number | null = null
  const trace = job.traced === true ? new Float64Array(schedule.instantsMs.length).fill(-1) : null
  const share = (maxConnections: number): number =>
    Math.max(1, Math.floor(maxConnections / job.targets.length / job.share.of))
  const retries = new Retries(
    load.retries ?? NO_RETRIES,
    seededRandom(deriveSeed(load.seed, 'retries', job.share.index)),
  )
  const attempts = job.targets.map(
    () =>
      new Attempts(retries, job.requests, {
        sent: ({ counted, place, request, intendedMs }, sentMs) => {
          firstLateMs ??= sentMs - intendedMs
          tally?.countSent(request)
          if (!counted) return
          recorder.countSent()
          inFlight.begin(sentMs)
          watch.sent(place, sentMs - startMs)
        },
        ended: ({ counted, request, place, intendedMs }, ending, latenessUs, lastLatenessUs) => {
          if (trace !== null && ending.kind === 'answer') trace[place] = ending.latencyUs
          tally?.countEnding(request, ending, (performance.now() - intendedMs) * 1000)
          if (!counted) return
          const nowMs = performance.now()
          const isOk = ending.kind === 'answer' && ending.status === job.requests[request]?.expectStatus
          if (isOk) inFlight.end(nowMs)
          else inFlight.forget(nowMs, nowMs - intendedMs - latenessUs / 1000)
          lateness.record(latenessUs)
          latenessOfSecond.record(latenessUs)
          recorder.countEnding(request, ending, lastLatenessUs)
        },
      }),
  )
  const pools = job.targets.map((target, place) => {
    const events = attempts[place] as Attempts
    const pool = new OpenConnections(
      target,
      job.requests,
      {
        timeoutMs: load.timeoutS * 1000,
        maxConnections: share(load.maxConnections),
        minConnections: load.minConnections === undefined ? 0 : share(load.minConnections),
        requestsPerConnection: load.requestsPerConnection ?? null,
        closesSilently: job.closesSilently,
      },
      events,
    )
    events.send = (arrival) => pool.send(arrival)
    return pool
  })

  steering?.take(({ timeoutS, maxConnections, minConnections, requestsPerConnection, retries: changes = {} }) => {
    retries.change(changes)
    if (timeoutS !== undefined) recorder.timeoutS = timeoutS
    for (const pool of pools) {
      pool.change({
        ...(timeoutS === undefined ? {} : { timeoutMs: timeoutS * 1000 }),
        ...(maxConnections === undefined ? {} : { maxConnections: share(maxConnections) }),
        ...(minConnections === undefined ? {} : { minConnections: share(minConnections) }),
        ...(requestsPerConnection === undefined ? {} : { requestsPerConnection }),
      })
    }
  })
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
  const sweepMs = sweepIntervalMs(load.timeoutS)
  const endSweeps = beat(startMs, sweepMs, () => {
    const nowMs = performance.now()
    for (const pool of pools) pool.sweep(nowMs)
  })

  const total = (value: (pool: OpenConnections) => number): number => pools.reduce((sum, pool) => sum + value(pool), 0)
  const pausing = (): number => attempts.reduce((sum, each) => sum + each.pausing, 0)
  const ledger = (): Pick<DriverProgress, 'ledger'> => {
    if (tally === null) return {}
    const nowMs = performance.now()
    const ages = [...pools, ...attempts].flatMap(({ oldestIntendedMs }) =>
      oldestIntendedMs === null ? [] : [nowMs - oldestIntendedMs],
    )
    const waiting = total((pool) => pool.waiting)
    const open = { inFlight: total((pool) => pool.unfinished) + pausing() - waiting, waiting }
    return { ledger: { routes: tally.take(), ...open, oldestMs: ages.length === 0 ? null : Math.max(...ages) } }
  }
  const answered = (): number => total(({ counters }) => counters.answered)
  const endWarmup = beat(startMs, 1000, (elapsedS) =>
    events.progress({ ...warmupProgress(elapsedS, answered()), ...ledger() }),
  )
  await until(countFromMs, signal)
  endWarmup()
  const meter = new Meter(
    () => total((pool) => pool.receivedBytes),
    () => timer.idleMs,
  )
  events.counting()
  let phase: 'counting' | 'draining' = 'counting'
  const busy = new BusyShare(() => timer.idleMs)
  const report = (second: DriverProgress): void => {
    const latenessUs = latenessOfSecond.quantileUs(0.99)
    latenessOfSecond = new LatencyHistogram()
    events.progress({
      ...second,
      ...ledger(),
      offeredRatePerS: load.ratePerS / job.share.of,
      eventLoopUtilization: busy.read(),
      latenessP99Ms: latenessUs === null ? null : latenessUs / 1000,
    })
  }
  const endSeconds = beat(countFromMs, 1000, (elapsedS) => report(recorder.closeSecond(phase, answered(), elapsedS)))
  await until(endMs, signal)
  const usage = meter.read()
  const countedS = Math.max(0, Math.min(performance.now(), endMs) - countFromMs) / 1000
  events.counted()

  phase = 'draining'
  const timeoutMs = load.timeoutS * 1000
  const isOver = (): boolean =>
    next === schedule.instantsMs.length && pools.every((pool) => pool.unfinished === 0) && pausing() === 0
  await untilTrue(isOver, endMs + timeoutMs, signal)
  sending = false
  next = schedule.instantsMs.length
  for (const [place, pool] of pools.entries()) attempts[place]?.giveUp(pool.forgetWaiting())
  await untilTrue(isOver, endMs + 2 * timeoutMs + 10 * sweepMs, signal)
  endSeconds()
  endSweeps()
  const rest = recorder.closeLastSecond(countedS, answered())
  if (rest !== null) report(rest)
  const scheduled = schedule.instantsMs.reduce((count, at) => count + (at >= schedule.countedFromMs ? 1 : 0), 0)
  const part: EnginePart = {
    ...recorder.part(),
    ...usage,
    countedS,
    warmup: null,
    ledger: recorder.ledger({ scheduled, unsent: scheduled - recorder.sent }),
    lateness: lateness.toBase64(),
    realTime: job.realTime,
    inFlightMs: inFlight.sumMs,
    arrivals: watch.arrivals,
    firstLateMs,
    connectionsOpened: total(({ counters }) => counters.opened),
    ...(load.retries === undefined ? {} : { retried: attempts.reduce((sum, { count }) => sum + count, 0) }),
    client: { name: 'undici', connectionPolicy: openConnectionPolicy(load) },
    lifetime: { sent: total(({ counters }) => counters.sent), answered: answered() },
    ...(trace === null ? {} : { traceUs: [...trace] }),
  }
  for (const each of attempts) each.close()
  await Promise.all([timer.close(), ...pools.map(async (pool) => pool.close())])
  return part
}

/** A live view of the warm-up: its mean rate so far. */
function warmupProgress(elapsedS: number, answered: number): DriverProgress {
  return { phase: 'warmup', elapsedS, ratePerS: answered / elapsedS, failed: 0, p50Ms: null, p99Ms: null }
}
