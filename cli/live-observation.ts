import { untilAborted } from '../core/abort.ts'
import { freshSeed } from '../core/seed.ts'
import { availableCores } from '../core/cores.ts'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDependency } from '../cluster/dependency.ts'
import type { AppUnderTest, RunningServer, ServerModel } from '../cluster/model.ts'
import { findModel } from '../cluster/models.ts'
import { openSession, type Session } from '../cluster/session.ts'
import { startServer } from '../cluster/start.ts'
import { EXIT, type ExitCode, ForkwiseError, messageOf, type ProblemList } from '../core/errors.ts'
import type { Load, Workload } from '../core/load.ts'
import { nearestName } from '../core/names.ts'
import { parseCount, parseDurationS, parseRatePerS } from '../core/quantities.ts'
import { ruleFile } from '../dashboards/rules/rule-files.ts'
import { driverFor } from '../loadtest/drivers.ts'
import { currentFaultId } from '../core/renamed-faults.ts'
import { quoted } from '../core/quotes.ts'
import type { Fault } from '../experiments/faults/fault.ts'
import { loadFaults } from '../experiments/faults/faults.ts'
import { injectFault, type Setting } from '../experiments/faults/inject.ts'
import { launchEnvironment } from '../experiments/faults/launch-environment.ts'
import { TRAFFIC } from '../experiments/resilience/traffic.ts'
import { REAL_INSTRUMENT } from '../loadtest/instrument.ts'
import { startFolderObservation } from '../loadtest/observation/folder-observation.ts'
import type { Observation, ObservedLaunch } from '../loadtest/observation/observation.ts'
import { startPrometheusObservation } from '../loadtest/observation/prometheus-observation.ts'
import { watchUnits } from '../loadtest/observation/watch-units.ts'
import { findWorkload } from '../loadtest/workloads.ts'
import type { Invocation } from './command.ts'
import { noteReaped } from './leftovers.ts'
import { requireRunnable } from '../cluster/runnable.ts'
import { OptionReader } from './options.ts'
import { readOwnApp } from './own-app.ts'

/** A model to watch, and what to do with it meanwhile. */
export interface LiveOptions {
  readonly model: ServerModel
  readonly workers: number
  readonly port: number
  readonly app: AppUnderTest
  readonly nodePath: string | null
  /** Driven all the time; null for none. */
  readonly workload: Workload | null
  /** Rate of an open loop, or null for a closed one. */
  readonly ratePerS: number | null
  readonly faults: readonly { readonly fault: Fault; readonly afterS: number }[]
  /** Null lasts until Ctrl-C. */
  readonly durationS: number | null
  readonly prometheusPort: number
  /** Folder that the user's own Prometheus reads, or null to start one. */
  readonly targetsDir: string | null
}

/** Seconds after the start at which a fault is caused unless told. */
const FAULT_AFTER_S = 10

/** A load runs for this long; then the next one begins. Each is one phase. */
const LOAD_S = 3600

/** Seconds after which a request is given up. */
const TIMEOUT_S = 5

/** Seconds that requests in flight get when the server is ended. */
const GRACE_S = 5

/** Reads the options of `observe MODEL`, noting every problem. Throws UNKNOWN_NAME, PART_MISSING. */
export async function readLiveOptions(
  modelId: string,
  { values }: Invocation,
  problems: ProblemList,
): Promise<LiveOptions> {
  const options = new OptionReader(values, problems)
  const model = await findModel(modelId)
  const app = readOwnApp(options, problems)
  const workload = options.text('workload')
  const live = {
    model,
    workers: options.read('workers', (text, option) => parseCount(text, option, 1, 128), availableCores()),
    port: options.read('port', (text, option) => parseCount(text, option, 0, 65_535), 3000),
    workload: workload === undefined ? null : await findWorkload(workload),
    ratePerS: options.read<number | null>('rate', parseRatePerS, null),
    faults: readFaults(options.texts('fault'), model, app === null, await loadFaults(), problems),
    durationS: options.read<number | null>('duration', parseDurationS, null),
    prometheusPort: readPrometheusPort(options),
    targetsDir: options.text('targets') ?? null,
  }
  options.atMostOne(['targets', 'prometheus-port'])
  if (live.ratePerS !== null && live.workload === null) {
    problems.add('Expected `--workload` beside `--rate`, got none.', 'Say what to ask for, e.g. --workload io.')
  }
  const runnable = await requireRunnable(model, options.text('node') ?? null, app)
  return { ...live, app: runnable.app, nodePath: runnable.node.nodePath }
}

/** Port that `--prometheus-port` asks for; 0 for any free one. */
export function readPrometheusPort(options: OptionReader): number {
  return options.read('prometheus-port', (text, option) => parseCount(text, option, 0, 65_535), 0)
}

/** Runs the model under watch until the signal aborts or the time is over. Prints where to look. */
export async function observeModel(options: LiveOptions, invocation: Invocation): Promise<ExitCode> {
  const { terminal } = invocation
  const over = new AbortController()
  const signal = AbortSignal.any([invocation.signal, over.signal])
  const session = await openSession()
  try {
    noteReaped(session.reaped, terminal)
    const observation = await openLive(options, session, invocation)
    try {
      await watchModel(options, session, observation, signal, invocation)
    } finally {
      over.abort()
      await observation.close()
    }
    return EXIT.ok
  } finally {
    await session.close()
  }
}

function openLive(options: LiveOptions, session: Session, { signal, terminal }: Invocation): Promise<Observation> {
  const launch = session.createLaunch('prometheus')
  const about = {
    runId: `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${options.model.id}`,
    onProblem: (text: string) => terminal.note(text),
  }
  return options.targetsDir === null
    ? startPrometheusObservation({
        ...about,
        dir: launch.dir,
        launch,
        rules: ruleFile(),
        port: options.prometheusPort,
        signal,
      })
    : startFolderObservation({ ...about, dir: resolve(options.targetsDir) })
}

async function watchModel(
  options: LiveOptions,
  session: Session,
  observation: Observation,
  signal: AbortSignal,
  invocation: Invocation,
): Promise<void> {
  observation.phase('starting')
  const dependency = await startDependency(session, { signal })
  const faultDir = join(session.dir, 'faults')
  mkdirSync(faultDir, { mode: 0o700 })
  const server = await startServer(options.model, {
    session,
    size: { workers: options.workers, threads: 1 },
    app: options.app,
    metrics: true,
    upstreamUrl: dependency.url,
    ...(options.nodePath === null ? {} : { nodePath: options.nodePath }),
    port: options.port,
    env: launchEnvironment(
      options.faults.map(({ fault }) => fault),
      faultDir,
    ),
    signal,
  })
  const launch: ObservedLaunch = {
    model: options.model.id,
    ...(options.workload === null ? {} : { workload: options.workload.id }),
  }
  const endWatch = await watchUnits(observation, launch, server)
  observation.phase('in-service')
  announce(server, observation, options, invocation)
  const ending = new AbortController()
  const meanwhile = AbortSignal.any([signal, ending.signal])
  const work = Promise.all([
    driveLoads(options, server, observation, meanwhile),
    injectFaults(options, server, faultDir, observation, meanwhile, invocation),
  ])
  try {
    const failure = work.then(() => untilAborted(meanwhile))
    const end = await Promise.race([server.ended, failure, untilOver(options.durationS, meanwhile)])
    if (end !== null) throw new ForkwiseError('START_FAILED', { message: `The server ended by itself: ${end.reason}.` })
  } finally {
    ending.abort()
    await work.catch(() => undefined)
    endWatch()
    await server.stop(GRACE_S)
  }
}

function announce(
  server: RunningServer,
  observation: Observation,
  options: LiveOptions,
  { terminal, json }: Invocation,
): void {
  const targets = server.targets.map((target) => target.href)
  const { url: prometheus } = observation
  if (json) {
    terminal.result(JSON.stringify({ schema: 'forkwise/observe@1', model: options.model.id, targets, prometheus }))
    return
  }
  terminal.result(`ready ${targets.join(' ')}`)
  if (prometheus === null) terminal.note(`  its units are named in ${options.targetsDir}`)
  else terminal.note(`  Prometheus ${prometheus} (alerts: ${prometheus}/alerts)`)
}

/** Drives the workload, one load after the other, until the signal aborts. Rejects when a driver fails. */
async function driveLoads(
  options: LiveOptions,
  server: RunningServer,
  observation: Observation,
  signal: AbortSignal,
): Promise<void> {
  const { workload } = options
  if (workload === null) return
  const load = liveLoad(options, workload)
  while (!signal.aborted) {
    observation.phase('load')
    const record = await driverFor(load).run(server.targets, workload, load, {
      signal,
      onProgress: (progress) => observation.progress(progress),
    })
    observation.loadEnded(record)
  }
}

function liveLoad({ ratePerS, workers }: LiveOptions, workload: Workload): Load {
  const common = { durationS: LOAD_S, timeoutS: TIMEOUT_S, seed: freshSeed() }
  return ratePerS === null
    ? { ...common, kind: 'closed', connections: workload.connections({ workers, cores: availableCores() }) }
    : { ...common, kind: 'open', ratePerS, arrivals: 'poisson', maxConnections: 1024 }
}

/** Injects each fault at its time. Rejects when one cannot be injected. */
async function injectFaults(
  options: LiveOptions,
  server: RunningServer,
  dir: string,
  observation: Observation,
  signal: AbortSignal,
  { terminal }: Invocation,
): Promise<void> {
  await Promise.all(
    options.faults.map(async ({ fault, afterS }) => {
      await sleep(afterS * 1000, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      terminal.note(`${fault.id}: ${fault.question}`)
      await injectFault(fault, server, settingOf(options, dir, signal), observation)
      if (!signal.aborted) terminal.note(`${fault.id} is over.`)
    }),
  )
}

function settingOf({ model, workers, workload, ratePerS }: LiveOptions, dir: string, signal: AbortSignal): Setting {
  return {
    model,
    workers,
    ratePerS: workload === null ? 0 : ratePerS,
    capacityPerS: null,
    dir,
    signal,
    instrument: REAL_INSTRUMENT,
    workload: workload ?? TRAFFIC,
    timeoutS: TIMEOUT_S,
    seed: freshSeed(),
  }
}

function readFaults(
  texts: readonly string[],
  model: ServerModel,
  builtInApp: boolean,
  all: readonly Fault[],
  problems: ProblemList,
): { fault: Fault; afterS: number }[] {
  const ids = all.map(({ id }) => id)
  return texts.flatMap((text) => {
    const [name = '', after] = text.split('@')
    const fault = all.find(({ id }) => id === currentFaultId(name))
    if (fault === undefined) {
      const nearest = nearestName(name, ids)
      problems.add(
        `Expected \`--fault\` to name a fault, got ${quoted(name)}.`,
        nearest === null ? `There are: ${ids.join(', ')}.` : `Did you mean \`${nearest}\`?`,
      )
      return []
    }
    const reason = fault.offeredBy({ model, builtInApp })
    if (reason !== null) {
      problems.add(`Expected a fault that can be injected into \`${model.id}\`, got \`${fault.id}\`: ${reason}.`)
    }
    try {
      return [{ fault, afterS: after === undefined ? FAULT_AFTER_S : parseDurationS(after, '--fault') }]
    } catch (thrown) {
      problems.add(messageOf(thrown), `Write it like --fault ${fault.id}@20s.`)
      return []
    }
  })
}

async function untilOver(durationS: number | null, signal: AbortSignal): Promise<null> {
  if (durationS === null) return untilAborted(signal)
  await sleep(durationS * 1000, undefined, { signal }).catch(() => undefined)
  return null
}
