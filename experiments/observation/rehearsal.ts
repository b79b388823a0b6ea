import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDependency } from '../../cluster/dependency.ts'
import type { RunningServer } from '../../cluster/model.ts'
import { findModel, loadModels } from '../../cluster/models.ts'
import { openSession, type Session } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Load, WorkloadRequest } from '../../core/load.ts'
import { ruleFile } from '../../dashboards/rules/rule-files.ts'
import { driverFor } from '../../loadtest/drivers.ts'
import { loadFaults } from '../faults/faults.ts'
import { injectFault, type Setting } from '../faults/inject.ts'
import { REAL_INSTRUMENT } from '../../loadtest/instrument.ts'
import type { Observation, ObservedLaunch } from '../../loadtest/observation/observation.ts'
import { PrometheusApi } from '../../loadtest/observation/prometheus-api.ts'
import { startPrometheusObservation } from '../../loadtest/observation/prometheus-observation.ts'
import { watchUnits } from '../../loadtest/observation/watch-units.ts'

/** A short run in which every metric of the catalogue that exists here appears. */
export interface Rehearsal {
  readonly api: PrometheusApi
  readonly fromMs: number
  readonly toMs: number
}

/** One server of the rehearsal: what is asked of it, and what goes wrong meanwhile. */
interface Act {
  readonly model: string
  readonly request: WorkloadRequest
  readonly load: Load
  readonly faults: readonly string[]
}

const SLEEP: WorkloadRequest = {
  route: 'io',
  method: 'GET',
  path: '/io/upstream?ms=5',
  weight: 1,
  expectStatus: 200,
}
const COMPUTE: WorkloadRequest = { ...SLEEP, route: 'cpu', path: '/cpu/prime?n=99999999977' }

const OPEN: Load = {
  kind: 'open',
  ratePerS: 50,
  arrivals: 'poisson',
  durationS: 6,
  timeoutS: 2,
  seed: 1,
  maxConnections: 64,
}
const CLOSED: Load = { kind: 'closed', connections: 8, durationS: 2, timeoutS: 2, seed: 1 }

const ACTS: readonly Act[] = [
  { model: 'cluster', request: SLEEP, load: OPEN, faults: ['kill', 'block-loop', 'reload'] },
  { model: 'worker-pool', request: COMPUTE, load: CLOSED, faults: ['overload'] },
  { model: 'task-queue', request: COMPUTE, load: CLOSED, faults: [] },
]

/** Workers of each server. */
const WORKERS = 2

/** Longest wait until Prometheus has read every unit of a launch, in ms. */
const DISCOVERY_LIMIT_MS = 20_000

/**
 * Runs a few models for some seconds each, with load and faults, under a Prometheus of its own, and lets `use` ask it.
 * Takes about half a minute. Throws PART_MISSING without Prometheus.
 */
export async function rehearse<T>(
  signal: AbortSignal,
  note: (text: string) => void,
  use: (rehearsal: Rehearsal) => Promise<T>,
): Promise<T> {
  const session = await openSession()
  try {
    const launch = session.createLaunch('prometheus')
    const observation = await startPrometheusObservation({
      runId: 'rehearsal',
      dir: join(launch.dir, 'series'),
      onProblem: note,
      launch,
      rules: ruleFile(),
      port: 0,
      signal,
    })
    try {
      const api = new PrometheusApi(new URL(observation.url ?? ''))
      const dependency = await startDependency(session, { signal })
      const fromMs = Date.now()
      for (const act of await possibleActs()) {
        note(`${act.model}: ${[act.request.route, ...act.faults].join(', ')}`)
        await perform(act, session, dependency.url, observation, api, signal)
      }
      return await use({ api, fromMs, toMs: Date.now() })
    } finally {
      await observation.close()
    }
  } finally {
    await session.close()
  }
}

async function possibleActs(): Promise<readonly Act[]> {
  const models = new Set((await loadModels()).map(({ id }) => id))
  return ACTS.filter(({ model }) => models.has(model))
}

async function perform(
  act: Act,
  session: Session,
  upstreamUrl: string,
  observation: Observation,
  api: PrometheusApi,
  signal: AbortSignal,
): Promise<void> {
  const launch: ObservedLaunch = { model: act.model, workload: act.request.route, trial: `rehearsal-${act.model}` }
  observation.phase('starting')
  const server = await startServer(await findModel(act.model), {
    session,
    size: { workers: WORKERS, threads: 1 },
    app: {},
    metrics: true,
    upstreamUrl,
    signal,
  })
  const endWatch = await watchUnits(observation, launch, server)
  try {
    await untilRead(api, launch, (await server.units()).length, signal)
    observation.phase(act.load.kind === 'open' ? 'latency' : 'saturation')
    const [record] = await Promise.all([
      driverFor(act.load).run(server.targets, { id: act.request.route, requests: [act.request] }, act.load, {
        signal,
        onProgress: (progress) => observation.progress(progress),
      }),
      injectAll(act, server, observation, signal),
    ])
    observation.loadEnded(record)
    await observation.trialEnded(launch)
  } finally {
    endWatch()
    await server.stop(1)
  }
}

async function injectAll(
  { model, request, load, faults }: Act,
  server: RunningServer,
  observation: Observation,
  signal: AbortSignal,
): Promise<void> {
  const setting: Setting = {
    model: await findModel(model),
    workers: WORKERS,
    ratePerS: load.kind === 'open' ? load.ratePerS : null,
    capacityPerS: null,
    lastsS: 3,
    // None of these faults has a switch.
    dir: '',
    signal,
    instrument: REAL_INSTRUMENT,
    workload: { id: request.route, requests: [request] },
    timeoutS: load.timeoutS,
    seed: 2,
  }
  const all = await loadFaults()
  for (const fault of faults.flatMap((id) => all.filter((each) => each.id === id))) {
    await injectFault(fault, server, setting, observation)
  }
}

async function untilRead(
  api: PrometheusApi,
  launch: ObservedLaunch,
  units: number,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = Date.now() + DISCOVERY_LIMIT_MS
  while ((await api.instant(`up{trial="${launch.trial}"} == 1`)).length < units) {
    signal.throwIfAborted()
    if (Date.now() > deadlineMs) {
      throw new ForkwiseError('START_FAILED', {
        message: `Expected Prometheus to read the ${units} units of ${launch.model} within ${DISCOVERY_LIMIT_MS / 1000} s, it did not.`,
        hint: 'The machine may be too busy: try again when it is quieter.',
      })
    }
    await sleep(100)
  }
}
