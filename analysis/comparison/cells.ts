import { resolvedQuantiles } from '../../core/resolved-quantiles.ts'
import type { Bottleneck, Manifest, MeasuredTrial, PilotRecord, ResultCell } from '../../core/records.ts'
import { quantileIntervalMs, trialValue } from './evidence.ts'
import { fairnessOf, meanShares, sharesOf } from './fairness.ts'
import type { Observations } from './observations.ts'
import { meanInterval } from '../statistics/interval.ts'
import type { PooledLatencies } from '../statistics/pooled-quantile.ts'
import { mean } from '../statistics/sample.ts'
import { countText } from '../wording.ts'

/** All that was found about one model under one workload, from the valid trials of kept blocks. */
export function cellOf(
  model: string,
  workload: string,
  manifest: Manifest,
  pilot: PilotRecord | null,
  observations: Observations,
): ResultCell {
  const trials = [...observations.of(model, workload).values()]
  const workers = workersOf(model, trials[0], manifest)
  const throughputRps = meanInterval(valuesOf(trials, 'throughput'), 0.95)
  const shares = trials.map((trial) => sharesOf(Object.values(trial.saturation.workerRequests)))
  const pool = observations.latencies.pool(trials)
  const outside = manifest.models.some(({ id, outside }) => id === model && outside !== undefined)
  return {
    model,
    workload,
    workers,
    blocks: trials.length,
    throughputRps,
    cpuMsPerRequest: meanInterval(valuesOf(trials, 'cpu-per-request'), 0.95),
    latencyMs: latencyOf(trials, pool),
    latencyIntervalsMs: {
      p50: quantileIntervalMs(pool, 0.5),
      p95: quantileIntervalMs(pool, 0.95),
      p99: quantileIntervalMs(pool, 0.99),
    },
    routes: routesOf(trials, observations),
    errors: sumOverSlices(trials, (load) => load.non2xx + load.connectionErrors),
    timeouts: sumOverSlices(trials, (load) => load.timeouts),
    workerShare: meanShares(shares),
    fairness: fairnessOf(meanShares(shares)),
    ...answeredBy(trials),
    ...memoryOf(trials),
    efficiency: outside ? null : efficiencyOf(workload, throughputRps?.estimate ?? null, workers, manifest, pilot),
    generatorCores: meanOrNull(trials.map((trial) => trial.saturation.host.generatorCores)),
    connections: connectionsOf(trials),
    startS: outside ? null : meanOrNull(trials.map((trial) => trial.startS)),
    bottleneck: majorityBottleneck(trials.map((trial) => trial.bottleneck)),
  }
}

/**
 * What limited most of the trials, with the evidence of the first of them and how many agree. `unknown` when no limit
 * was found in more than half of the trials.
 */
export function majorityBottleneck(found: readonly Bottleneck[]): Bottleneck {
  const limits = [...new Set(found.map(({ limit }) => limit))].map((limit) =>
    found.filter((one) => one.limit === limit),
  )
  const most = limits.sort((a, b) => b.length - a.length)[0]
  const first = most?.[0]
  if (most === undefined || first === undefined) return { limit: 'unknown', because: 'there is no valid trial' }
  if (most.length * 2 <= found.length) {
    const counts = limits.map((group) => `${group[0]?.limit ?? ''} in ${group.length}`).join(', ')
    return { limit: 'unknown', because: `The limits differ over ${countText(found.length, 'block')}: ${counts}.` }
  }
  if (most.length === found.length) return first
  return { limit: first.limit, because: `${first.because} (${most.length} of ${countText(found.length, 'block')})` }
}

/** Who answered where a proxy can answer requests itself; empty where none can. */
function answeredBy(trials: readonly MeasuredTrial[]): Pick<ResultCell, 'answeredBy'> {
  const proxies: Record<string, number> = {}
  let workers = 0
  for (const { saturation } of trials) {
    for (const [name, count] of Object.entries(saturation.proxyRequests ?? {})) {
      proxies[name] = (proxies[name] ?? 0) + count
    }
    workers += Object.values(saturation.workerRequests).reduce((sum, count) => sum + count, 0)
  }
  return Object.keys(proxies).length === 0 ? {} : { answeredBy: { proxies, workers } }
}

function valuesOf(trials: readonly MeasuredTrial[], metric: 'throughput' | 'cpu-per-request'): number[] {
  return trials.map((trial) => trialValue(trial, metric)).filter((value) => value !== null)
}

function latencyOf(trials: readonly MeasuredTrial[], pool: PooledLatencies): ResultCell['latencyMs'] {
  const load = trials.find((trial) => trial.latency !== null)?.latency?.load.load
  if (load?.kind !== 'open' || pool.count === 0) return null
  return { ...resolvedQuantiles(pool.histogram().summaryMs()), ratePerS: load.ratePerS }
}

function connectionsOf([trial]: readonly MeasuredTrial[]): number | null {
  const load = trial?.saturation.load.load
  return load?.kind === 'closed' ? load.connections : null
}

function routesOf(trials: readonly MeasuredTrial[], { latencies }: Observations): ResultCell['routes'] {
  const names = new Set(trials.flatMap((trial) => trial.latency?.load.routes.map(({ route }) => route) ?? []))
  return [...names].map((route) => ({
    route,
    latencyMs: resolvedQuantiles(latencies.pool(trials, route).histogram().summaryMs()),
  }))
}

function sumOverSlices(
  trials: readonly MeasuredTrial[],
  count: (load: MeasuredTrial['saturation']['load']) => number,
): number {
  return trials.reduce((sum, trial) => {
    return sum + count(trial.saturation.load) + (trial.latency === null ? 0 : count(trial.latency.load))
  }, 0)
}

/** Mean over blocks of the sum over processes: PSS where every process of every trial reports it, else RSS. */
function memoryOf(trials: readonly MeasuredTrial[]): Pick<ResultCell, 'rssBytes' | 'memoryKind'> {
  const processes = trials.map((trial) => trial.saturation.server).filter((all) => all.length > 0)
  const proportional = trials.length > 0 && processes.flat().every(({ pssBytes }) => pssBytes !== null)
  const sums = processes.map((all) =>
    all.reduce((sum, { rssBytes, pssBytes }) => sum + (proportional ? (pssBytes ?? 0) : rssBytes), 0),
  )
  return { rssBytes: meanOrNull(sums), memoryKind: proportional ? 'pss' : 'rss' }
}

/**
 * The workers that a model has of those that the plan asks for: one where it is one process that computes on its event
 * loop. Models that hand work to threads or other processes have all of them.
 */
function workersOf(model: string, trial: MeasuredTrial | undefined, { plan, models }: Manifest): number {
  const asked = trial?.workers ?? plan.workers
  const executor = models.find(({ id }) => id === model)?.executor ?? ''
  const units = trial?.units.filter(({ role }) => role === 'worker').length ?? 0
  return ON_EVENT_LOOP.includes(executor) && units > 0 ? Math.min(asked, units) : asked
}

/** Executors that compute where requests are parsed. */
const ON_EVENT_LOOP: readonly string[] = ['inline', 'cooperative']

function efficiencyOf(
  workload: string,
  throughput: number | null,
  workers: number,
  { machine, plan }: Manifest,
  pilot: PilotRecord | null,
): number | null {
  const bareRate = pilot?.bareRates[workload]
  if (throughput === null || bareRate === undefined || !(bareRate > 0)) return null
  const cores = plan.placement?.server.length ?? machine.cores
  return throughput / (Math.min(workers, cores) * bareRate)
}

function meanOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : mean(values)
}
