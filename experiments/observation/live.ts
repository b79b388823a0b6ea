import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CpuQuota, keepUnder, type Throttling } from '../../cluster/cpu-quota.ts'
import type { AppUnderTest, RunningServer, ServerModel, StopReport } from '../../cluster/model.ts'
import type { Session } from '../../cluster/session.ts'
import { untilAborted } from '../../core/abort.ts'
import { availableCores } from '../../core/cores.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Load, Workload } from '../../core/load.ts'
import type { InjectionFacts } from '../../core/resilience-record.ts'
import { freshSeed } from '../../core/seed.ts'
import { ruleFile } from '../../dashboards/rules/rule-files.ts'
import { requireExpectedAnswers } from '../../loadtest/equality/expected.ts'
import { startFolderObservation } from '../../loadtest/observation/folder-observation.ts'
import { type Observation, type ObservedLaunch, UNOBSERVED } from '../../loadtest/observation/observation.ts'
import { PrometheusApi } from '../../loadtest/observation/prometheus-api.ts'
import { startPrometheusObservation } from '../../loadtest/observation/prometheus-observation.ts'
import { watchUnits } from '../../loadtest/observation/watch-units.ts'
import { preparedWorkload } from '../../loadtest/setup-hook.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { Emit } from '../events.ts'
import type { Fault } from '../faults/fault.ts'
import { injectFault, type Setting } from '../faults/inject.ts'
import { launchEnvironment } from '../faults/launch-environment.ts'
import { TRAFFIC } from '../resilience/traffic.ts'
import { type Run, startRun } from '../run.ts'
import { DEFAULT_TIMEOUT_S, trialSettings, withWorld } from '../world.ts'
import { writePanelsPage } from './panels-page.ts'
import { untilUseless } from './until-useless.ts'

/** A model that is ready to run until it is stopped, and what happens to it meanwhile. */
export interface PreparedObservation {
  /** Identity of its series. */
  readonly id: string
  readonly model: ServerModel
  readonly workers: number
  /** Port to listen on; 0 for any free one. */
  readonly port: number
  readonly app: AppUnderTest
  readonly nodePath: string | null
  /** The interpreter of models in Python; null = Debian's. */
  readonly pythonPath: string | null
  /** Cores whose CPU time its processes may use together; null for no limit. */
  readonly cpuQuota: number | null
  /** Driven all the time; null for none. */
  readonly workload: Workload | null
  /** Rate of an open loop; null for a closed one. */
  readonly ratePerS: number | null
  readonly faults: readonly PlannedFault[]
  /** Seconds until it ends by itself; null = only the signal ends it. */
  readonly durationS: number | null
  /** Who reads its series: a private Prometheus (port 0 = any free one), the user's own by a folder, or nobody. */
  readonly reader: { readonly prometheusPort: number } | { readonly targetsDir: string } | null
  /** What whoever asked should know, in sentences. */
  readonly notes: readonly string[]
}

/** A fault and how many seconds after the start it is injected. */
export interface PlannedFault {
  readonly fault: Fault
  readonly afterS: number
}

/** What came of a server that ran until it was stopped. */
export interface ObservationOutcome {
  /** Faults that were over before the end, in that order. */
  readonly faults: readonly { readonly fault: string; readonly tookS: number; readonly facts: InjectionFacts }[]
  /** Seconds that the server took to end. */
  readonly stoppedInS: number
}

/** A load runs for this long; then the next one begins. Each is one phase. */
const LOAD_S = 3600

/** Most connections of an open loop. */
const CONNECTIONS = 1024

/** Seconds that requests in flight get when the server is ended. */
const GRACE_S = 5

/**
 * Runs a model until the signal aborts or the time is over, with load and faults as prepared, and resolves when all of it
 * is gone. Rejects with START_FAILED when the server ends by itself, INTERRUPTED when it is stopped before it is ready,
 * PART_MISSING without Prometheus where one is to read, PORT_TAKEN, or what keeps a fault from being injected.
 */
export function observe(prepared: PreparedObservation, signal: AbortSignal): Run<ObservationOutcome> {
  const { id, workers, nodePath, pythonPath, durationS, reader } = prepared
  return startRun(async (emit) => {
    emit({
      type: 'run-started',
      experiment: reader === null ? 'serve' : 'observe',
      id,
      dir: null,
      steps: null,
      expectedS: durationS,
    })
    const planned = prepared.faults.map(({ fault, afterS }) => `${fault.id} after ${afterS} s: ${fault.question}`)
    for (const text of [...prepared.notes, ...planned]) emit({ type: 'note', level: 'info', text })
    const settings = trialSettings({
      workers,
      seed: freshSeed(),
      nodePath,
      placement: null,
      ...(pythonPath === null ? {} : { pythonPath }),
    })
    const openReader = (session: Session): Promise<Observation> => openSeries(prepared, session, signal, emit)
    return withWorld(settings, { signal, emit, observe: openReader }, (context) => watchModel(prepared, context, emit))
  })
}

async function openSeries(
  { id, reader }: PreparedObservation,
  session: Session,
  signal: AbortSignal,
  emit: Emit,
): Promise<Observation> {
  const about = { runId: id, onProblem: (text: string) => emit({ type: 'note', level: 'warning', text }) }
  if (reader === null) return UNOBSERVED
  if ('targetsDir' in reader) return startFolderObservation({ ...about, dir: resolve(reader.targetsDir) })
  const launch = session.createLaunch('prometheus')
  const { prometheusPort: port } = reader
  return startPrometheusObservation({ ...about, dir: launch.dir, launch, rules: ruleFile(), port, signal })
}

/** Launches the model in a world, and ends it when the signal aborts or the time is over. */
export async function watchModel(
  prepared: PreparedObservation,
  context: TrialContext,
  emit: Emit,
): Promise<ObservationOutcome> {
  const { model, workload, durationS } = prepared
  const { session, settings, instrument, observation, dependency, signal } = context
  const observed: ObservedLaunch = { model: model.id, ...(workload === null ? {} : { workload: workload.id }) }
  observation.phase('starting', observed)
  const switches = join(session.dir, 'faults')
  mkdirSync(switches, { mode: 0o700 })
  const quota = prepared.cpuQuota === null ? null : CpuQuota.create(session)
  quota?.limit(prepared.cpuQuota)
  const server = await instrument.launch(model, {
    session,
    size: { workers: settings.workers, threads: 1 },
    app: prepared.app,
    metrics: settings.metrics,
    upstreamUrl: dependency.url,
    ...(settings.nodePath === null ? {} : { nodePath: settings.nodePath }),
    ...(settings.pythonPath === undefined ? {} : { pythonPath: settings.pythonPath }),
    port: prepared.port,
    env: launchEnvironment(
      prepared.faults.map(({ fault }) => fault),
      switches,
    ),
    signal,
  })
  const ending = new AbortController()
  const meanwhile = AbortSignal.any([signal, ending.signal])
  const faults: ObservationOutcome['faults'][number][] = []
  let endWatch: (() => void) | null = null
  let work: Promise<unknown> = Promise.resolve()
  let stopped: StopReport
  try {
    if (quota !== null) work = keepUnder(quota, () => server, meanwhile)
    endWatch = await watchUnits(observation, observed, server)
    observation.phase('in-service')
    if (workload !== null) await requireExpectedAnswers(model, server, workload, context)
    await announce(server, observation.url, session.dir, emit)
    work = Promise.all([
      work,
      driveLoads(prepared, server, { ...context, signal: meanwhile }),
      injectFaults(prepared, server, switches, { ...context, signal: meanwhile }, (fault) => faults.push(fault)),
    ])
    const failure = work.then(() => untilAborted(meanwhile))
    const useless = untilUseless(server, model, emit, meanwhile)
    // Whoever waits no more has ended it on purpose.
    useless.catch(() => undefined)
    const end = await Promise.race([useless, failure, untilOver(durationS, meanwhile)])
    if (end !== null) throw endedByItself(end.reason, server.logTail())
  } finally {
    ending.abort()
    await work.catch(() => undefined)
    observation.phase('stopping')
    endWatch?.()
    stopped = await server.stop(GRACE_S)
  }
  if (quota !== null) emit({ type: 'note', level: 'info', text: throttlingText(quota.throttling()) })
  return { faults, stoppedInS: stopped.tookS }
}

function throttlingText({ periods, throttled }: Throttling): string {
  return `The quota was used up in ${throttled} of the ${periods} periods of 100 ms in which the server had something to do: all of it stood still until the next one.`
}

function endedByItself(reason: string, tail: string): ForkwiseError {
  const logs = tail === '' ? '' : `\nThe end of its logs:\n${tail}`
  return new ForkwiseError('START_FAILED', { message: `The server ended by itself: ${reason}.${logs}` })
}

async function announce(server: RunningServer, prometheus: string | null, dir: string, emit: Emit): Promise<void> {
  const api = prometheus === null ? null : new PrometheusApi(new URL(prometheus))
  emit({
    type: 'server-ready',
    targets: server.targets.map(({ href }) => href),
    units: await server.units(),
    prometheus,
    alerts: api === null ? null : (await api.pageOf('alerts')).href,
    panels: api === null ? null : writePanelsPage(dir, await api.pageOf('graph'), null),
  })
}

/** Drives the workload, one load after the other, until the signal aborts. Rejects when a driver fails. */
async function driveLoads(
  prepared: PreparedObservation,
  server: RunningServer,
  { instrument, observation, signal }: TrialContext,
): Promise<void> {
  if (prepared.workload === null) return
  const workload = await preparedWorkload(server, prepared.workload, signal)
  while (!signal.aborted) {
    observation.phase('load')
    const record = await instrument.drive(server.targets, workload, liveLoad(prepared, workload), {
      signal,
      onProgress: (progress) => observation.progress(progress),
    })
    observation.loadEnded(record)
  }
}

function liveLoad({ ratePerS, workers }: PreparedObservation, workload: Workload): Load {
  const common = { durationS: LOAD_S, timeoutS: DEFAULT_TIMEOUT_S, seed: freshSeed() }
  return ratePerS === null
    ? { ...common, kind: 'closed', connections: workload.connections({ workers, cores: availableCores() }) }
    : { ...common, kind: 'open', ratePerS, arrivals: 'poisson', maxConnections: CONNECTIONS }
}

/** Injects each fault at its time. Rejects when one cannot be injected. */
async function injectFaults(
  prepared: PreparedObservation,
  server: RunningServer,
  switches: string,
  { instrument, observation, settings, signal }: TrialContext,
  onOver: (fault: ObservationOutcome['faults'][number]) => void,
): Promise<void> {
  const { model, workers, workload, ratePerS } = prepared
  const setting: Setting = {
    model,
    workers,
    ratePerS: workload === null ? 0 : ratePerS,
    capacityPerS: null,
    dir: switches,
    signal,
    instrument,
    workload: workload ?? TRAFFIC,
    timeoutS: settings.timeoutS,
    seed: freshSeed(),
  }
  await Promise.all(
    prepared.faults.map(async ({ fault, afterS }) => {
      await sleep(afterS * 1000, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const { injection, tookS } = await injectFault(fault, server, setting, observation)
      if (!signal.aborted) onOver({ fault: fault.id, tookS, facts: injection.facts })
    }),
  )
}

async function untilOver(durationS: number | null, signal: AbortSignal): Promise<null> {
  if (durationS === null) return untilAborted(signal)
  await sleep(durationS * 1000, undefined, { signal }).catch(() => undefined)
  return null
}
