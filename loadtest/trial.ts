import type { AppUnderTest, RunningServer, ServerModel } from '../cluster/model.ts'
import { appOfPlan } from '../cluster/runnable.ts'
import { appOfVariant, workersOf } from '../cluster/variant.ts'
import { deriveSeed } from '../core/random.ts'
import { ForkwiseError, messageOf, PartEndedError } from '../core/errors.ts'
import type { Load, OpenLoad, Workload, WorkloadRequest } from '../core/load.ts'
import type { FailedTrial, SliceRecord, TrialIdentity, TrialRecord } from '../core/records.ts'
import { bottleneckOf } from './bottleneck.ts'
import { Probes } from './drivers/probe.ts'
import { lostParts, partsOf } from './lost-parts.ts'
import type { ObservedLaunch } from './observation/observation.ts'
import { saturationLoad } from './saturation.ts'
import { preparedWorkload } from './setup-hook.ts'
import type { TrialContext, TrialSettings } from './trial-context.ts'
import { countsBetween, ownAnswerCounts } from './scrape.ts'
import { failureFaults, loadFaults, reconcile } from './validity.ts'

/** Longest drain of a server after its slices, in seconds. */
const GRACE_S = 5

/** Connections an open loop may have open at once: more than any healthy server here needs. */
const OPEN_LOOP_CONNECTIONS = 1024

/** What one trial is to do. */
export interface TrialTask {
  readonly identity: TrialIdentity
  readonly model: ServerModel
  readonly workload: Workload
  /** Rate of slice B; null = no slice B. */
  readonly commonRatePerS: number | null
}

/**
 * Launches one model afresh, warms it up, measures its slices and ends it. Never rejects but for an interruption: a
 * trial that cannot be run is a record with outcome `failed`.
 */
export async function runTrial(task: TrialTask, context: TrialContext): Promise<TrialRecord> {
  const { identity, model } = task
  const observed = { model: model.id, workload: task.workload.id, trial: identity.id }
  try {
    return await withServer(
      model,
      observed,
      context,
      (server, startS) => measureTrial(task, server, startS, observed, context),
      [task.workload],
    )
  } catch (thrown) {
    context.signal.throwIfAborted()
    return failedTrial(identity, thrown)
  }
}

/**
 * Launches a model as the plan says, has it observed, uses it, and ends it whatever happens. A server of the user's own
 * counts as ready when it has answered a request of the workloads.
 */
export async function withServer<T>(
  model: ServerModel,
  observed: ObservedLaunch,
  context: TrialContext,
  use: (server: RunningServer, startS: number) => Promise<T>,
  workloads: readonly Pick<Workload, 'requests'>[] = [],
): Promise<T> {
  const { observation } = context
  observation.phase('starting', observed)
  const startedMs = performance.now()
  const server = await launchModel(model, context, firstRequestOf(workloads))
  const startS = (performance.now() - startedMs) / 1000
  try {
    observation.unitsChanged(observed, await server.units())
    await observation.launched(observed)
    return await use(server, startS)
  } catch (thrown) {
    context.signal.throwIfAborted()
    throw await explained(model, server, thrown)
  } finally {
    observation.phase('stopping')
    observation.unitsChanged(observed, [])
    await server.stop(GRACE_S)
  }
}

/** Says that the server had ended, with the end of its logs, when that is why it could not be used. */
async function explained(model: ServerModel, server: RunningServer, thrown: unknown): Promise<unknown> {
  const trouble = await server.findTrouble()
  if (trouble === null) return thrown
  const tail = server.logTail()
  return new PartEndedError(
    'TRIAL_FAILED',
    {
      message: `\`${model.id}\` exited during the trial: ${trouble}.${tail === '' ? '' : `\nThe end of its logs:\n${tail}`}`,
    },
    { cause: thrown },
  )
}

/** The user's own app that a model runs; null for the built-in one. */
function appOf({ variant }: ServerModel, settings: TrialSettings): AppUnderTest | null {
  if (variant !== undefined) return appOfVariant(variant)
  return settings.app === null ? null : appOfPlan(settings)
}

function launchModel(
  model: ServerModel,
  context: TrialContext,
  firstRequest: WorkloadRequest | undefined,
): Promise<RunningServer> {
  const { settings, session, instrument, dependency, signal } = context
  const nodePath = settings.nodePaths?.[model.id] ?? settings.nodePath
  const pythonPath = model.variant?.python ?? settings.pythonPath
  const env = { ...context.launchEnv, ...model.variant?.env }
  return instrument.launch(model, {
    session,
    size: { workers: workersOf(model, settings.workers), threads: 1 },
    app: appOf(model, settings) ?? {},
    ...(firstRequest === undefined ? {} : { firstRequest }),
    metrics: settings.metrics,
    upstreamUrl: dependency.url,
    signal,
    ...(nodePath === null ? {} : { nodePath }),
    ...(pythonPath === undefined ? {} : { pythonPath }),
    ...(settings.placement === null ? {} : { cpus: settings.placement.server }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
  })
}

/** The request that a server must have answered to count as ready: one that changes nothing, where there is one. */
function firstRequestOf(workloads: readonly Pick<Workload, 'requests'>[]): WorkloadRequest | undefined {
  const requests = workloads.flatMap((workload) => workload.requests)
  return requests.find(({ method }) => method === 'GET' || method === 'HEAD') ?? requests[0]
}

/** The open loop of slice B: the same arrivals for every model of a block, from the seed of block and workload. */
export function latencyLoad(settings: TrialSettings, ratePerS: number, seed: number): OpenLoad {
  return {
    kind: 'open',
    ratePerS,
    arrivals: 'poisson',
    durationS: settings.latencyS,
    warmupS: 0.1,
    timeoutS: settings.timeoutS,
    seed,
    maxConnections: OPEN_LOOP_CONNECTIONS,
  }
}

/** Drives one load over a running server and records what server and machine did during the counted part. */
export async function measureSlice(
  server: RunningServer,
  asked: Pick<Workload, 'id' | 'requests' | 'setup'>,
  load: Load,
  context: TrialContext,
): Promise<SliceRecord> {
  const { host, settings, instrument, signal, observation } = context
  const workload = await preparedWorkload(server, asked, signal)
  const units = await server.units()
  const countsBefore = await instrument.counts(units, true)
  const ownBefore = await ownAnswerCounts(units)
  const meter = await host.slice(server)
  const record = await instrument.drive(server.targets, workload, load, {
    signal,
    onProcess: (pid) => meter.generatorStarted(pid),
    onCounting: () => {
      meter.begin()
      context.onCounting?.()
    },
    onCounted: () => meter.end(),
    onProgress: (progress) => observation.progress(progress),
    ...(context.probes === undefined ? {} : { probes: context.probes }),
    ...(settings.placement === null ? {} : { cpus: settings.placement.generator }),
  })
  observation.loadEnded(record)
  signal.throwIfAborted()
  const { server: usage, host: hostUsage } = await meter.result()
  const cpuS = usage.reduce((sum, process) => sum + process.cpuS, 0)
  const answeredPerS = record.answered / record.countedS
  const proxyRequests = countsBetween(ownBefore, await ownAnswerCounts(units))
  return {
    load: record,
    server: usage,
    host: hostUsage,
    cpuMsPerRequest:
      record.answered === 0 || usage.length === 0 ? null : (cpuS * 1000) / hostUsage.wallS / answeredPerS,
    faults: loadFaults(record),
    workerRequests: countsBetween(countsBefore, await instrument.counts(units, false)),
    ...(Object.keys(proxyRequests).length === 0 ? {} : { proxyRequests }),
  }
}

async function measureTrial(
  task: TrialTask,
  server: RunningServer,
  startS: number,
  observed: ObservedLaunch,
  trialContext: TrialContext,
): Promise<TrialRecord> {
  const context = whileAlive(server, trialContext)
  const { settings, cores, observation } = context
  const { identity, workload } = task
  const pairSeed = deriveSeed(settings.seed, 'arrivals', identity.block, workload.id)
  const parts = await partsOf(server)
  observation.phase('saturation')
  const saturation = blamed(
    await measureSlice(server, workload, saturationLoad(settings, task, cores, pairSeed), context),
  )
  let latency: SliceRecord | null = null
  if (task.commonRatePerS !== null) {
    observation.phase('latency')
    latency = blamed(
      await measureSlice(server, workload, latencyLoad(settings, task.commonRatePerS, pairSeed), context),
    )
  }
  const units = await server.units()
  const slices = latency === null ? [saturation] : [saturation, latency]
  const { stored } = await observation.trialEnded(observed)
  const reconciliation = { ...reconcileSlices(slices, appOf(task.model, settings) !== null), stored }
  const reasons = [...(saturation.faults ?? [])]
  const trouble = await server.findTrouble()
  if (trouble !== null) reasons.push(`the server exited during the trial: ${trouble}`)
  const died = trouble === null ? lostParts(parts, await partsOf(server)) : [trouble]
  if (!reconciliation.agrees) {
    reasons.push(
      `client and server disagree: ${reconciliation.clientAnswered} answers received, ${reconciliation.serverAnswered} given`,
    )
  }
  return {
    ...identity,
    outcome: reasons.length === 0 ? 'valid' : 'invalid',
    reasons,
    startS,
    warmup: saturation.load.warmup,
    saturation,
    latency,
    units,
    reconciliation,
    bottleneck: bottleneckOf(saturation, {
      cores,
      serverCpus: settings.placement?.server.length ?? null,
      workers: task.model.fixedSize === true ? 1 : workersOf(task.model, settings.workers),
      concurrency: task.model.concurrency?.({ workers: settings.workers, threads: 1 }) ?? null,
      floorMs: latency?.load.latencyMs.p50 ?? null,
    }),
    ...(died.length === 0 ? {} : { died }),
  }
}

/**
 * The context of one launch: its loads end at once when the server ends by itself, since what is sent to nobody measures
 * nothing, and what the first has found out of the server the others know.
 */
export function whileAlive(server: Pick<RunningServer, 'ended'>, context: TrialContext): TrialContext {
  const gone = new AbortController()
  void endLoads(server, gone)
  return { ...context, probes: new Probes(), signal: AbortSignal.any([context.signal, gone.signal]) }
}

async function endLoads({ ended }: Pick<RunningServer, 'ended'>, gone: AbortController): Promise<void> {
  const { reason } = await ended
  gone.abort(new PartEndedError('TRIAL_FAILED', { message: `The server ended during the trial: ${reason}.` }))
}

/** The slice with what its failures say against it. */
function blamed(slice: SliceRecord): SliceRecord {
  return { ...slice, faults: [...(slice.faults ?? []), ...failureFaults(slice.load)] }
}

function reconcileSlices(slices: readonly SliceRecord[], selfCalls: boolean): ReturnType<typeof reconcile> {
  const counts = slices.flatMap(({ workerRequests, proxyRequests = {} }) =>
    Object.values({ ...workerRequests, ...proxyRequests }),
  )
  return reconcile(
    slices.map((slice) => slice.load),
    counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0),
    selfCalls,
  )
}

function failedTrial(identity: TrialIdentity, thrown: unknown): FailedTrial {
  const error = thrown instanceof ForkwiseError ? thrown : null
  const hint = error?.problems[0]?.hint
  return {
    ...identity,
    outcome: 'failed',
    error: {
      code: error?.code ?? 'INTERNAL',
      message: messageOf(thrown),
      ...(hint === undefined ? {} : { hint }),
    },
  }
}
