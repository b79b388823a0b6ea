import type { RunningServer } from '../../cluster/model.ts'
import type { MeasuredRate, MeasuredRoute, MeasuredSaturation } from '../../core/capacity.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import { type ClosedLoad, type LoadRecord, type OpenLoad, requestGroups } from '../../core/load.ts'
import { resolvedQuantile } from '../../core/resolved-quantiles.ts'
import type { Bottleneck, SliceRecord } from '../../core/records.ts'
import { findBottleneck, type SaturatedServer, saturationEvidence } from '../../loadtest/bottleneck.ts'
import { measureSlice } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { failureFaults, gateReasons, loadFaults } from '../../loadtest/validity.ts'
import type { LaunchContext, Subject } from './subject.ts'

/** Most connections an open loop may have open at once: more than a server below saturation needs. */
export const OPEN_CONNECTIONS = 1024

/** Seconds at the start of an open loop that are not counted: until queues have the length they keep. */
const SETTLE_S = 0.5

/** What limits a server whose workers are arithmetic. */
const ARITHMETIC: Bottleneck = { limit: 'workers', because: 'its workers are arithmetic' }

/** Which measurement a slice is for. */
export interface SliceTask {
  readonly block: number
  readonly workers: number
  readonly durationS: number
  readonly seed: number
}

/** Measures each route of a workload alone, one request at a time: what a request takes that meets no other. */
export async function measureUnloaded(
  subject: Subject,
  server: RunningServer,
  task: SliceTask,
  context: LaunchContext,
): Promise<MeasuredRoute[]> {
  const measured: MeasuredRoute[] = []
  const groups = requestGroups(subject.workload.requests)
  for (const requests of groups) {
    const [request] = requests
    if (request === undefined) continue
    const load: ClosedLoad = {
      ...closedLoad(task, 1, context),
      durationS: task.durationS / groups.length,
      warmup: { minS: 0.2, maxS: 1, minCount: 20 },
    }
    const workload = { ...subject.workload, id: `${subject.workload.id}-${request.route}`, requests }
    const slice = await measureSlice(server, workload, load, context)
    measured.push({
      block: task.block,
      route: request.route,
      weight: requests.reduce((sum, { weight }) => sum + weight, 0),
      cpuMsPerRequest: slice.cpuMsPerRequest ?? 0,
      histogram: slice.load.histogram,
      disturbed: disturbances(slice, context),
    })
  }
  return measured
}

/** A measured saturation whose limit is to be named: the latency of an unloaded request may be measured after it. */
export type Saturation = Omit<MeasuredSaturation, 'limit' | 'because'>

/** Measures a closed loop at saturation, with the evidence for what limited it. */
export async function measureSaturation(
  subject: Subject,
  server: RunningServer,
  task: SliceTask,
  context: LaunchContext,
): Promise<Saturation> {
  const { cores, settings } = context
  const { workers } = task
  const connections = subject.workload.connections({ workers, cores })
  const load: ClosedLoad = { ...closedLoad(task, connections, context), warmup: settings.warmup }
  const slice = await measureSlice(server, subject.workload, load, context)
  requireAnswered(slice.load)
  return {
    block: task.block,
    workers,
    throughputPerS: slice.load.achievedRatePerS,
    cpuMsPerRequest: slice.cpuMsPerRequest ?? 0,
    generatorCores: sharedGeneratorCores(slice, context),
    p50Ms: resolvedQuantile(slice.load.latencyMs, 'p50'),
    p99Ms: resolvedQuantile(slice.load.latencyMs, 'p99'),
    disturbed: disturbances(slice, context),
    evidence: saturationEvidence(slice),
  }
}

/**
 * A saturation with what limited it, by all the evidence; `floorMs` is the median latency of an unloaded request, null
 * where unknown. One without evidence, of an older version, keeps the limit that it has.
 */
export function judgedSaturation(
  subject: Pick<Subject, 'arithmetic' | 'concurrency'>,
  saturation: Saturation & Partial<Bottleneck>,
  known: Pick<SaturatedServer, 'cores' | 'serverCpus' | 'floorMs'>,
): MeasuredSaturation {
  const { workers, p50Ms, throughputPerS: ratePerS, evidence, limit, because = '' } = saturation
  if (subject.arithmetic) return { ...saturation, ...ARITHMETIC }
  if (evidence === undefined) return { ...saturation, limit: limit ?? 'unknown', because }
  const concurrency = subject.concurrency(workers)
  return { ...saturation, ...findBottleneck({ ...evidence, ...known, workers, concurrency, p50Ms, ratePerS }) }
}

/**
 * A rate of refusals is no throughput. Throws TRIAL_FAILED when no request was answered as expected, or when more than the
 * odd one had another status, as those of an app that limits its rate.
 */
function requireAnswered(load: LoadRecord): void {
  const faults = load.ok === 0 ? loadFaults(load) : load.non2xx === 0 ? [] : failureFaults(load)
  if (faults.length === 0) return
  throw new ForkwiseError('TRIAL_FAILED', {
    message: `Expected the requests to be answered as the workload expects while all connections are busy, got: ${faults.join('; ')}.`,
    hint: 'Refused requests say nothing about what its workers can do: lift its limits for the time of the run, or give the requests what they lack (`-H`, `--body`).',
  })
}

/** Median latency in ms of a workload's requests when each meets no other; null where none was measured. */
export function unloadedMedianMs(routes: readonly Pick<MeasuredRoute, 'weight' | 'histogram'>[]): number | null {
  const shares = routes.flatMap(({ weight, histogram }) => {
    const latencies = LatencyHistogram.fromBase64(histogram)
    return [...latencies.recorded()].map(([valueUs, count]) => ({ valueUs, share: (weight * count) / latencies.count }))
  })
  shares.sort((a, b) => a.valueUs - b.valueUs)
  let left = shares.reduce((sum, { share }) => sum + share, 0) / 2
  const median = shares.find(({ share }) => (left -= share) <= 0)
  return median === undefined ? null : median.valueUs / 1000
}

/** Measures the latency under an open loop of Poisson arrivals at one rate. */
export async function measureRate(
  subject: Subject,
  server: RunningServer,
  task: SliceTask & { readonly ratePerS: number },
  context: LaunchContext,
): Promise<MeasuredRate> {
  const load: OpenLoad = {
    kind: 'open',
    ratePerS: task.ratePerS,
    arrivals: 'poisson',
    durationS: task.durationS,
    warmupS: SETTLE_S,
    timeoutS: context.settings.timeoutS,
    seed: task.seed,
    maxConnections: OPEN_CONNECTIONS,
  }
  const slice = await measureSlice(server, subject.workload, load, context)
  return {
    block: task.block,
    workers: task.workers,
    ratePerS: task.ratePerS,
    achievedPerS: slice.load.achievedRatePerS,
    cpuCores: slice.server.reduce((sum, process) => sum + process.cpuS, 0) / slice.host.wallS,
    generatorCores: sharedGeneratorCores(slice, context),
    errorRatio: errorRatio(slice.load),
    faults: slice.faults ?? [],
    histogram: slice.load.histogram,
    disturbed: disturbances(slice, context),
    arrivals: { seed: task.seed, warmupS: SETTLE_S, durationS: task.durationS },
  }
}

/** Failed requests over those that were due. */
export function errorRatio(load: LoadRecord): number {
  const failed = load.non2xx + load.timeouts + load.connectionErrors + load.unsent + load.inFlightAtEnd
  return load.scheduled === 0 ? 0 : failed / load.scheduled
}

function closedLoad(task: SliceTask, connections: number, { settings }: TrialContext): ClosedLoad {
  return { kind: 'closed', connections, durationS: task.durationS, timeoutS: settings.timeoutS, seed: task.seed }
}

/** Where generator and server have cores of their own, the generator takes nothing from the server. */
function sharedGeneratorCores(slice: SliceRecord, { settings }: TrialContext): number {
  return settings.placement === null ? slice.host.generatorCores : 0
}

/** What speaks against a slice; a dependency that died is away until the next launch, which gets the address of the new one. */
function disturbances(slice: SliceRecord, { cores, dependency, launchedMs }: LaunchContext): string[] {
  return [...dependency.trouble(launchedMs), ...gateReasons([{ trialId: 'the slice', host: slice.host }], cores)]
}
