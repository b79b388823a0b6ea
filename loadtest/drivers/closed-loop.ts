import type { ClosedLoad, WarmupRecord } from '../../core/load.ts'
import type { DriverProgress } from '../driver-progress.ts'
import type { GeneratorJob, GeneratorPart } from '../generator-protocol.ts'
import { isSteadyByWaves } from '../steady-state.ts'
import { BusyShare } from './busy-share.ts'
import { ClosedConnections } from './closed-connections.ts'
import { Meter } from './meter.ts'
import { Recorder } from './recorder.ts'
import { beat, sweepIntervalMs, until } from './rhythm.ts'

/** Rates for the steady test are taken over this long. */
const RATE_INTERVAL_MS = 50
/** Rates in a second. */
const RATES_PER_S = 1000 / RATE_INTERVAL_MS

/** What an engine hands over; its process adds the CPU time of the whole run. */
export type EnginePart = Omit<GeneratorPart, 'lifetimeCpuS'>

/** What an engine reports about its phases. */
export interface PhaseEvents {
  counting(): void
  counted(): void
  progress(progress: DriverProgress): void
}

/**
 * Runs a closed loop in this process. Warm-up and counted part use the same connections without a break; afterwards
 * nothing is sent, and requests in flight get up to the timeout to end. What ends in the counted part is counted in it,
 * also when it was sent in the warm-up. When the signal aborts, resolves at once with what was counted so far.
 */
export async function runClosedLoop(job: GeneratorJob, events: PhaseEvents, signal: AbortSignal): Promise<EnginePart> {
  const load = job.load as ClosedLoad
  const connections = new ClosedConnections(job, load)
  const sweepMs = sweepIntervalMs(load.timeoutS)
  const endSweeps = beat(performance.now(), sweepMs, () => connections.sweep())
  try {
    const warmup = await warmUp(load, connections, events, signal)
    const counted = await count(job, load, connections, events, signal)
    connections.stopSending()
    if (!signal.aborted) await connections.drained(load.timeoutS * 1000 + 10 * sweepMs)
    return {
      ...counted,
      warmup,
      connectionsOpened: connections.opened,
      client: {
        name: 'autocannon',
        connectionPolicy:
          'Each connection sends its next request when it has its answer, and stays open as long as the server lets it; ' +
          'the time to open one counts in the latency of its first request.',
      },
      lifetime: { sent: connections.sent, answered: connections.answered },
    }
  } finally {
    endSweeps()
    connections.close()
  }
}

async function warmUp(
  load: ClosedLoad,
  connections: ClosedConnections,
  events: PhaseEvents,
  signal: AbortSignal,
): Promise<WarmupRecord | null> {
  const plan = load.warmup
  if (plan === undefined || signal.aborted) return null
  const startMs = performance.now()
  const rates: number[] = []
  let [lastMs, lastAnswered] = [startMs, 0]
  return new Promise((resolve) => {
    const step = (): void => {
      const nowMs = performance.now()
      const elapsedS = (nowMs - startMs) / 1000
      const { answered } = connections
      if (nowMs - lastMs > RATE_INTERVAL_MS / 2) {
        rates.push(((answered - lastAnswered) / (nowMs - lastMs)) * 1000)
        ;[lastMs, lastAnswered] = [nowMs, answered]
        if (rates.length % RATES_PER_S === 0) events.progress(warmupProgress(elapsedS, rates, connections))
      }
      const enough = elapsedS >= plan.minS && answered >= plan.minCount
      const steady = enough && isSteadyByWaves(connections.waveEndsMs)
      if (!steady && elapsedS < plan.maxS && !signal.aborted) return
      endSteps()
      signal.removeEventListener('abort', step)
      resolve({ tookS: elapsedS, answered, steady })
    }
    const endSteps = beat(startMs, RATE_INTERVAL_MS, step)
    signal.addEventListener('abort', step)
  })
}

function warmupProgress(
  elapsedS: number,
  rates: readonly number[],
  { sent, answered }: { readonly sent: number; readonly answered: number },
): DriverProgress {
  const ratePerS = rates.slice(-RATES_PER_S).reduce((sum, rate) => sum + rate / RATES_PER_S, 0)
  const nothing = { ok: 0, non2xx: 0, timeouts: 0, connectionErrors: 0, latencyCounts: [], latencySumS: 0 }
  const totals = { ...nothing, sent, uncounted: answered }
  return { phase: 'warmup', elapsedS, ratePerS, failed: 0, p50Ms: null, p99Ms: null, totals }
}

type Counted = Omit<EnginePart, 'warmup' | 'connectionsOpened' | 'client' | 'lifetime'>

async function count(
  job: GeneratorJob,
  load: ClosedLoad,
  connections: ClosedConnections,
  events: PhaseEvents,
  signal: AbortSignal,
): Promise<Counted> {
  const recorder = new Recorder(job.requests, load.timeoutS, load.kind)
  const startMs = performance.now()
  const meter = new Meter(() => connections.receivedBytes)
  recorder.countInFlight(connections.inFlight)
  connections.recorder = recorder
  events.counting()
  const busy = new BusyShare()
  const endSeconds = beat(startMs, 1000, (elapsedS) =>
    events.progress({
      ...recorder.closeSecond('counting', connections.answered, elapsedS),
      eventLoopUtilization: busy.read(),
    }),
  )

  await until(startMs + load.durationS * 1000, signal)

  connections.recorder = null
  const countedS = (performance.now() - startMs) / 1000
  const usage = meter.read()
  events.counted()
  endSeconds()
  const rest = recorder.closeLastSecond(countedS, connections.answered)
  if (rest !== null) events.progress({ ...rest, eventLoopUtilization: busy.read() })
  return {
    ...recorder.part(),
    ...usage,
    countedS,
    ledger: recorder.ledger({ scheduled: recorder.sent, unsent: 0 }),
    lateness: null,
    inFlightMs: null,
    arrivals: null,
    realTime: false,
  }
}
