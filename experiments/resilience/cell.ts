import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord, OpenLoad } from '../../core/load.ts'
import { deriveSeed } from '../../core/random.ts'
import type { RequestLedger, ResilienceCell, ResiliencePlan, StruckCell } from '../../core/resilience-record.ts'
import { openDriver } from '../../loadtest/drivers/open.ts'
import { watchUnits } from '../../loadtest/observation/watch-units.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { Fault, Scene, Strike } from '../faults/fault.ts'
import { ServiceWatch } from './service-watch.ts'
import { TRAFFIC } from './traffic.ts'

/** Seconds of load before the blow, in the load that is struck. */
const LEAD_S = 1

/** Seconds at the start of a load that do not count: connections are opened, code is compiled. */
const SETTLE_S = 1

/** Connections that may be open at once: enough for every request of a timeout's length at any rate here. */
const CONNECTIONS = 1024

/** An answer is slow from twice the 99th percentile of the undisturbed load on, and never below this, in ms. */
const LEAST_SLOW_MS = 50

/** Which model is to be struck with what, at which rate. */
export interface CellTask {
  readonly model: ServerModel
  readonly fault: Fault
  readonly repeat: number
  readonly ratePerS: number
  readonly capacityPerS: number
  readonly plan: ResiliencePlan
}

/**
 * Launches a model, drives it undisturbed, strikes it under load, watches it, and ends it. Never rejects but for an
 * interruption: what cannot be done is a cell with outcome `failed`.
 */
export async function strikeModel(task: CellTask, context: TrialContext): Promise<ResilienceCell> {
  const { model, fault, repeat, plan } = task
  const seed = deriveSeed(plan.seed, 'resilience', fault.id, repeat)
  const identity = { schema: 'forkwise/resilience-cell@1', model: model.id, fault: fault.id, repeat, seed } as const
  const dir = join(context.session.dir, `${model.id}-${fault.id}-${repeat}`)
  mkdirSync(dir, { mode: 0o700 })
  try {
    return { ...identity, outcome: 'struck', ...(await struckCell(task, seed, dir, context)) }
  } catch (thrown) {
    context.signal.throwIfAborted()
    const code = thrown instanceof ForkwiseError ? thrown.code : 'INTERNAL'
    return { ...identity, outcome: 'failed', error: { code, message: messageOf(thrown) } }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

type Found = Omit<StruckCell, 'schema' | 'model' | 'fault' | 'repeat' | 'seed' | 'outcome'>

async function struckCell(task: CellTask, seed: number, dir: string, context: TrialContext): Promise<Found> {
  const { model, fault, ratePerS, plan } = task
  const { signal, observation } = context
  let struckMs: number | null = null
  const scene: Scene = {
    model,
    workers: plan.workers,
    ratePerS,
    capacityPerS: task.capacityPerS,
    dir,
    signal,
    struck: () => (struckMs ??= performance.now()),
    overload: (server, extraPerS, durationS) =>
      openDriver.run(
        server.targets,
        TRAFFIC,
        { ...openLoad(task, deriveSeed(seed, 'extra'), durationS), ratePerS: extraPerS, warmupS: 0 },
        {
          signal,
          onCounting: () => scene.struck(),
          ...(context.settings.placement === null ? {} : { cpus: context.settings.placement.generator }),
        },
      ),
  }
  const observed = { model: model.id, workload: fault.id, trial: `${model.id}-${fault.id}-${task.repeat}` }
  const launch = {
    ...context,
    launchEnv: {
      FORKWISE_HEARTBEAT_TIMEOUT_S: String(plan.heartbeatTimeoutS),
      ...fault.environment?.(scene),
    },
  }
  return withServer(model, observed, launch, async (server) => {
    observation.phase('undisturbed')
    const calm = await measureSlice(
      server,
      TRAFFIC,
      openLoad(task, deriveSeed(seed, 'undisturbed'), plan.undisturbedS),
      launch,
    )
    const slowLimitMs = Math.max(LEAST_SLOW_MS, 2 * (calm.load.latencyMs.p99 ?? 0))
    const endWatchOfUnits = await watchUnits(observation, observed, server)
    const watch = new ServiceWatch(server, model.topology({ workers: plan.workers, threads: 1 }))
    try {
      observation.phase('struck')
      const begun: { countingMs: number; striking: Promise<Blow> | null } = { countingMs: 0, striking: null }
      const slice = await measureSlice(server, TRAFFIC, openLoad(task, seed, LEAD_S + fault.watchS), {
        ...launch,
        onCounting: () => {
          begun.countingMs = performance.now()
          begun.striking = strikeAfter(LEAD_S, fault, server, scene, context)
          // Awaited below, when the load is over.
          begun.striking.catch(() => undefined)
        },
      })
      if (begun.striking === null)
        throw new ForkwiseError('TRIAL_FAILED', { message: 'Expected the load to last until the blow.' })
      const { strike, tookS } = await begun.striking
      const atMs = struckMs ?? begun.countingMs
      return {
        ratePerS,
        undisturbed: {
          ...ledgerOf(calm.load, slowLimitMs),
          p50Ms: calm.load.latencyMs.p50,
          p99Ms: calm.load.latencyMs.p99,
        },
        slowLimitMs,
        strike: { atS: (atMs - begun.countingMs) / 1000, tookS, facts: strike.facts },
        struck: ledgerOf(slice.load, slowLimitMs),
        extra: strike.extra === undefined ? null : ledgerOf(strike.extra, slowLimitMs),
        errors: errorsOf([slice.load, ...(strike.extra === undefined ? [] : [strike.extra])]),
        seconds: slice.load.seconds,
        connectionsOpened: slice.load.connectionsOpened,
        service: await watch.end(atMs),
        watchedS: (performance.now() - atMs) / 1000,
        foreignCores: slice.host.foreignCores,
      }
    } finally {
      await watch.end(0)
      endWatchOfUnits()
    }
  })
}

/** A blow that is over. */
interface Blow {
  readonly strike: Strike
  readonly tookS: number
}

async function strikeAfter(
  leadS: number,
  fault: Fault,
  server: RunningServer,
  scene: Scene,
  { observation, signal }: TrialContext,
): Promise<Blow> {
  await sleep(leadS * 1000, undefined, { signal })
  observation.fault(fault.id, true)
  try {
    let beganMs = performance.now()
    const strike = await fault.strike(server, {
      ...scene,
      struck: () => {
        beganMs = performance.now()
        scene.struck()
      },
    })
    return { strike, tookS: strike.tookS ?? (performance.now() - beganMs) / 1000 }
  } finally {
    observation.fault(fault.id, false)
  }
}

/** The same arrivals for every model: seeds depend on fault and repetition alone. */
function openLoad({ ratePerS, plan }: CellTask, seed: number, durationS: number): OpenLoad {
  return {
    kind: 'open',
    ratePerS,
    arrivals: 'poisson',
    durationS,
    warmupS: SETTLE_S,
    timeoutS: plan.timeoutS,
    seed,
    maxConnections: CONNECTIONS,
  }
}

/** The ledger of a load. Timeouts are in its histogram at their timeout's value, and are not slow but hung. */
function ledgerOf(load: LoadRecord, slowLimitMs: number): RequestLedger {
  const { sent, ok, non2xx, connectionErrors, timeouts, unsent, inFlightAtEnd } = load
  const above = LatencyHistogram.fromBase64(load.histogram).countAboveUs(slowLimitMs * 1000)
  return {
    sent,
    ok,
    non2xx,
    connectionErrors,
    timeouts,
    unsent,
    inFlightAtEnd,
    slowed: Math.max(0, above - timeouts),
  }
}

function errorsOf(loads: readonly LoadRecord[]): { message: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { errorSamples } of loads) {
    for (const { message, count } of errorSamples) counts.set(message, (counts.get(message) ?? 0) + count)
  }
  return [...counts].map(([message, count]) => ({ message, count })).toSorted((a, b) => b.count - a.count)
}
