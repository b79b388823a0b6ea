import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord, OpenLoad } from '../../core/load.ts'
import { deriveSeed } from '../../core/random.ts'
import type { FaultedCell, RequestLedger, ResilienceCell, ResiliencePlan } from '../../core/resilience-record.ts'
import { watchUnits } from '../../loadtest/observation/watch-units.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { TASK_JOURNAL_VARIABLE } from '../../server/task-journal.ts'
import type { Fault } from '../faults/fault.ts'
import { type FinishedInjection, injectFault, type Setting } from '../faults/inject.ts'
import { launchEnvironment } from '../faults/launch-environment.ts'
import { hasTaskQueue, heldTask, readJournal, settleTasks } from './task-ledger.ts'
import { MemoryWatch } from './memory-watch.ts'
import { ServiceWatch } from './service-watch.ts'
import { trafficOf } from './traffic.ts'

/** Seconds of load before the injection, in the load during which it happens. */
const LEAD_S = 1

/** Seconds at the start of a load that do not count: connections are opened, code is compiled. */
const SETTLE_S = 1

/** Seconds of the watch that are left when a fault that would last longer is ended. */
const WATCH_LEFT_S = 1

/** Connections that may be open at once: enough for every request of a timeout's length at any rate here. */
const CONNECTIONS = 1024

/** An answer is slow from twice the 99th percentile of the baseline load on, and never below this, in ms. */
const LEAST_SLOW_MS = 50

/** Which fault is to be injected into which model, at which rate. */
export interface CellTask {
  readonly model: ServerModel
  readonly fault: Fault
  readonly repeat: number
  readonly ratePerS: number
  readonly capacityPerS: number
  readonly plan: ResiliencePlan
}

/**
 * Launches a model, drives the baseline load, injects the fault under load, watches the server, and ends it. Never
 * rejects but for an interruption: what cannot be done is a cell with outcome `failed`.
 */
export async function measureCell(task: CellTask, context: TrialContext): Promise<ResilienceCell> {
  const { model, fault, repeat, plan } = task
  const seed = deriveSeed(plan.seed, 'resilience', fault.id, repeat)
  const identity = { schema: 'forkwise/resilience-cell@2', model: model.id, fault: fault.id, repeat, seed } as const
  const dir = join(context.session.dir, `${model.id}-${fault.id}-${repeat}`)
  mkdirSync(dir, { mode: 0o700 })
  try {
    return { ...identity, outcome: 'faulted', ...(await faultedCell(task, seed, dir, context)) }
  } catch (thrown) {
    context.signal.throwIfAborted()
    const code = thrown instanceof ForkwiseError ? thrown.code : 'INTERNAL'
    return { ...identity, outcome: 'failed', error: { code, message: messageOf(thrown) } }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

type Found = Omit<FaultedCell, 'schema' | 'model' | 'fault' | 'repeat' | 'seed' | 'outcome'>

async function faultedCell(task: CellTask, seed: number, dir: string, context: TrialContext): Promise<Found> {
  const { model, fault, ratePerS, plan } = task
  const { observation, signal } = context
  const traffic = trafficOf(model)
  const setting = settingOf(task, seed, dir, context)
  const journal = join(dir, 'tasks')
  const observed = { model: model.id, workload: fault.id, trial: `${model.id}-${fault.id}-${task.repeat}` }
  const launch = {
    ...context,
    launchEnv: {
      FORKWISE_HEARTBEAT_TIMEOUT_S: String(plan.heartbeatTimeoutS),
      ...launchEnvironment([fault], dir),
      ...fault.environment?.(setting),
      ...(hasTaskQueue(model) ? { [TASK_JOURNAL_VARIABLE]: journal } : {}),
    },
  }
  return withServer(model, observed, launch, async (server) => {
    observation.phase('baseline')
    const calm = await measureSlice(
      server,
      traffic,
      openLoad(task, deriveSeed(seed, 'baseline'), plan.baselineS),
      launch,
    )
    const slowLimitMs = Math.max(LEAST_SLOW_MS, 2 * (calm.load.latencyMs.p99 ?? 0))
    const endWatchOfUnits = await watchUnits(observation, observed, server)
    const memoryWatch = new MemoryWatch(server)
    const watch = new ServiceWatch(server, model.topology({ workers: plan.workers, threads: 1 }))
    const begun: { countingMs: number; injecting: Promise<FinishedInjection> | null } = {
      countingMs: 0,
      injecting: null,
    }
    try {
      observation.phase('fault')
      const slice = await measureSlice(server, traffic, openLoad(task, seed, LEAD_S + fault.watchS), {
        ...launch,
        onCounting: () => {
          begun.countingMs = performance.now()
          begun.injecting = injectAfter(LEAD_S, fault, server, setting, context)
          // Awaited below, when the load is over.
          begun.injecting.catch(() => undefined)
        },
      })
      if (begun.injecting === null) {
        throw new ForkwiseError('TRIAL_FAILED', { message: 'Expected the load to last until the injection.' })
      }
      const { injection, atMs, tookS } = await begun.injecting
      signal.throwIfAborted()
      const { extra, later, notedAs } = injection
      const service = await watch.end(atMs)
      const memory = await memoryWatch.end(atMs)
      const watchedS = (performance.now() - atMs) / 1000
      const tasks = hasTaskQueue(model) ? { tasks: await settleTasks(journal, signal) } : {}
      const held = notedAs === undefined ? null : heldTask(readJournal(journal), notedAs)
      const facts = {
        ...injection.facts,
        ...tasks,
        ...(held === null ? {} : { heldTask: held }),
        ...(await later?.()),
      }
      signal.throwIfAborted()
      return {
        ratePerS,
        baseline: {
          ...ledgerOf(calm.load, slowLimitMs),
          p50Ms: calm.load.latencyMs.p50,
          p99Ms: calm.load.latencyMs.p99,
        },
        slowLimitMs,
        injection: { atS: (atMs - begun.countingMs) / 1000, tookS, facts },
        faulted: ledgerOf(slice.load, slowLimitMs),
        extra: extra === undefined ? null : ledgerOf(extra, slowLimitMs),
        errors: errorsOf([slice.load, ...(extra === undefined ? [] : [extra])]),
        seconds: slice.load.seconds,
        connectionsOpened: slice.load.connectionsOpened,
        service,
        ...(memory.length === 0 ? {} : { memory }),
        watchedS,
        foreignCores: slice.host.foreignCores,
      }
    } finally {
      // Whatever ended the load: the fault is undone before the server is stopped.
      await begun.injecting?.catch(() => undefined)
      await watch.end(0)
      await memoryWatch.end(0)
      endWatchOfUnits()
    }
  })
}

function settingOf(
  { model, fault, ratePerS, capacityPerS, plan }: CellTask,
  seed: number,
  dir: string,
  { instrument, settings, signal }: TrialContext,
): Setting {
  return {
    model,
    workers: plan.workers,
    ratePerS,
    capacityPerS,
    dir,
    signal,
    lastsS: Math.min(fault.lastsS, fault.watchS - WATCH_LEFT_S),
    mayAsk: true,
    instrument,
    workload: trafficOf(model),
    timeoutS: plan.timeoutS,
    seed: deriveSeed(seed, 'extra'),
    ...(settings.placement === null ? {} : { cpus: settings.placement.generator }),
  }
}

async function injectAfter(
  leadS: number,
  fault: Fault,
  server: RunningServer,
  setting: Setting,
  { observation, signal }: TrialContext,
): Promise<FinishedInjection> {
  await sleep(leadS * 1000, undefined, { signal })
  return injectFault(fault, server, setting, observation)
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
