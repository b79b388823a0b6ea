import { requestGroups } from '../../core/load.ts'
import { resolvesQuantile } from '../../core/resolved-quantiles.ts'
import type { Estimate, Interference, Manifest, RecordedWorkload } from '../../core/records.ts'
import { LEAST_SAMPLES_ABOVE, pairsOf } from './evidence.ts'
import type { Observations, TrialsByBlock } from './observations.ts'
import { intervalOf } from '../statistics/interval.ts'
import { jackknifeLogQuantileRatio, type PooledLatencies, samplesAbove } from '../statistics/pooled-quantile.ts'

/**
 * The effect of the rest of a mixed workload on each of its routes, model by model, from slice B: p50, p99 and the worst
 * stall of the route in the mix, and beside them the same request measured alone by another workload of the run, where
 * there is one. Ratios are paired by block (pooled quantiles, delete-one-block jackknife).
 */
export function interferenceOf(
  manifest: Manifest,
  models: readonly string[],
  observations: Observations,
): Interference[] {
  return manifest.workloads
    .filter(({ requests }) => requestGroups(requests).length > 1)
    .flatMap((workload) =>
      requestGroups(workload.requests).flatMap(([request]) => {
        if (request === undefined) return []
        const alone = manifest.workloads.find((other) => asksOnly(other, request))
        return models.flatMap((model) => {
          const row = rowOf(model, workload, request.route, alone, observations)
          return row === null ? [] : [row]
        })
      }),
    )
}

function asksOnly({ requests }: RecordedWorkload, wanted: RecordedWorkload['requests'][number]): boolean {
  const [only, ...others] = requests
  return (
    only !== undefined &&
    others.length === 0 &&
    only.method === wanted.method &&
    only.path === wanted.path &&
    only.body === wanted.body
  )
}

function rowOf(
  model: string,
  workload: RecordedWorkload,
  route: string,
  aloneWorkload: RecordedWorkload | undefined,
  observations: Observations,
): Interference | null {
  const mixed = observations.of(model, workload.id)
  const inMix = observations.latencies.pool([...mixed.values()], route)
  if (inMix.count === 0) return null
  const alone = aloneWorkload === undefined ? null : aloneOf(model, aloneWorkload.id, mixed, route, observations)
  const p50Ms = inMs(inMix.quantileUs(0.5))
  const maxMs = inMs(inMix.quantileUs(1))
  const usualMs = alone?.p50Ms ?? p50Ms
  return {
    model,
    workload: workload.id,
    route,
    p50Ms: resolved(inMix, 0.5),
    p99Ms: resolved(inMix, 0.99),
    worstStallMs: maxMs === null || usualMs === null ? null : Math.max(0, maxMs - usualMs),
    alone,
  }
}

function aloneOf(
  model: string,
  workload: string,
  mixed: TrialsByBlock,
  route: string,
  { of, latencies }: Observations,
): Interference['alone'] {
  const single = of(model, workload)
  const load = [...single.values()][0]?.latency?.load.load
  const pool = latencies.pool([...single.values()])
  if (load?.kind !== 'open' || pool.count === 0) return null
  const pairs = pairsOf(single, mixed, (trial, side) =>
    latencies.has(trial, side === 'baseline' ? undefined : route) ? trial : null,
  )
  const pairedAlone = latencies.pool(pairs.map(([alone]) => alone))
  const pairedMix = latencies.pool(
    pairs.map(([, inMix]) => inMix),
    route,
  )
  return {
    workload,
    ratePerS: load.ratePerS,
    p50Ms: resolved(pool, 0.5),
    p99Ms: resolved(pool, 0.99),
    p50Ratio: ratioOf(pairedAlone, pairedMix, 0.5),
    p99Ratio: ratioOf(pairedAlone, pairedMix, 0.99),
  }
}

function ratioOf(alone: PooledLatencies, inMix: PooledLatencies, q: number): Estimate | null {
  if (Math.min(samplesAbove(alone, q), samplesAbove(inMix, q)) < LEAST_SAMPLES_ABOVE) return null
  const ratio = jackknifeLogQuantileRatio(alone, inMix, q)
  return ratio === null ? null : intervalOf(ratio, 0.95)
}

function resolved(pool: PooledLatencies, q: number): number | null {
  return resolvesQuantile(pool.count, 1 - q) ? inMs(pool.quantileUs(q)) : null
}

function inMs(us: number | null): number | null {
  return us === null ? null : us / 1000
}
