import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../../cluster/model.ts'
import { findModel, loadModels } from '../../cluster/models.ts'
import type { Session } from '../../cluster/session.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Load, WorkloadRequest } from '../../core/load.ts'
import { ruleFile } from '../../dashboards/rules/rule-files.ts'
import { loadFaults } from '../faults/faults.ts'
import { injectFault, type Setting } from '../faults/inject.ts'
import type { Observation, ObservedLaunch } from '../../loadtest/observation/observation.ts'
import { PrometheusApi } from '../../loadtest/observation/prometheus-api.ts'
import { startPrometheusObservation } from '../../loadtest/observation/prometheus-observation.ts'
import { watchUnits } from '../../loadtest/observation/watch-units.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { trialSettings, withWorld } from '../world.ts'

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

const FILE: WorkloadRequest = { ...SLEEP, route: 'file', path: '/io/file?kb=10' }

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
  { model: 'nginx-gunicorn', request: FILE, load: CLOSED, faults: [] },
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
  const settings = trialSettings({ workers: WORKERS, seed: 1, placement: null })
  const observe = (session: Session): Promise<Observation> => {
    const launch = session.createLaunch('prometheus')
    const dir = join(launch.dir, 'series')
    return startPrometheusObservation({
      runId: 'rehearsal',
      dir,
      onProblem: note,
      launch,
      rules: ruleFile(),
      port: 0,
      signal,
    })
  }
  return withWorld(settings, { signal, emit: () => undefined, observe }, async (context) => {
    const api = new PrometheusApi(new URL(context.observation.url ?? ''))
    const fromMs = Date.now()
    for (const act of await possibleActs()) {
      note(`${act.model}: ${[act.request.route, ...act.faults].join(', ')}`)
      await perform(act, context, api)
    }
    return use({ api, fromMs, toMs: Date.now() })
  })
}

async function possibleActs(): Promise<readonly Act[]> {
  const models = new Set((await loadModels()).map(({ id }) => id))
  return ACTS.filter(({ model }) => models.has(model))
}

async function perform(act: Act, context: TrialContext, api: PrometheusApi): Promise<void> {
  const { session, instrument, observation, dependency, signal } = context
  const launch: ObservedLaunch = { model: act.model, workload: act.request.route, trial: `rehearsal-${act.model}` }
  observation.phase('starting', launch)
  const server = await instrument.launch(await findModel(act.model), {
    session,
    size: { workers: WORKERS, threads: 1 },
    app: {},
    metrics: true,
    upstreamUrl: dependency.url,
    signal,
  })
  const endWatch = await watchUnits(observation, launch, server)
  try {
    await untilRead(api, launch, (await server.units()).length, signal)
    observation.phase(act.load.kind === 'open' ? 'latency' : 'saturation')
    const [record] = await Promise.all([
      instrument.drive(server.targets, { id: act.request.route, requests: [act.request] }, act.load, {
        signal,
        onProgress: (progress) => observation.progress(progress),
      }),
      injectAll(act, server, context),
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
  { instrument, observation, signal }: TrialContext,
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
    instrument,
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
        hint: 'The machine may be too busy: try again when it is less busy.',
      })
    }
    await sleep(100)
  }
}
