import type { Manifest, PilotRecord } from '../../core/records.ts'
import { type RatioEvidence, ratioEvidence } from './evidence.ts'
import type { Observations } from './observations.ts'
import type { Comparison } from './verdict.ts'
import { METRIC_RULES } from './verdict-metrics.ts'

/** A comparison with what was measured for it; null where no block has both models. */
export interface MeasuredRatio extends Comparison {
  readonly evidence: RatioEvidence | null
}

/** The models of a plan that were neither unavailable nor refused under every workload, in the plan's order. */
export function comparedModels({ plan, unavailable }: Manifest, pilot: PilotRecord | null): string[] {
  const refused = (pilot?.refused ?? []).filter(({ workload }) => workload === undefined)
  const out = new Set([...unavailable, ...refused].map(({ model }) => model))
  return plan.models.filter((model) => !out.has(model))
}

/**
 * How many comparisons share an error rate: those of one metric over the whole run, candidates × workloads. It follows
 * from the plan and not from the data.
 */
export function familySize(models: readonly string[], { plan }: Pick<Manifest, 'plan'>): number {
  return Math.max(1, models.filter((model) => model !== plan.baseline).length * plan.workloads.length)
}

/** Every candidate × workload × metric of a plan with its measured ratio: latencies only where the plan has slice B. */
export function measuredRatios(
  { plan }: Manifest,
  models: readonly string[],
  { of, latencies }: Observations,
): MeasuredRatio[] {
  const metrics = METRIC_RULES.filter(({ quantile }) => quantile === null || plan.latencyS > 0).map(
    ({ metric }) => metric,
  )
  return plan.workloads.flatMap((workload) =>
    models
      .filter((model) => model !== plan.baseline)
      .flatMap((candidate) => {
        const found = ratioEvidence(metrics, of(plan.baseline, workload), of(candidate, workload), latencies)
        return metrics.map((metric) => ({
          workload,
          metric,
          baseline: plan.baseline,
          candidate,
          evidence: found.get(metric) ?? null,
        }))
      }),
  )
}
