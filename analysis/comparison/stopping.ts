import type { VerdictMetric } from '../../core/records.ts'
import { LEAST_SAMPLES_ABOVE } from './evidence.ts'
import { comparedModels, familySize, type MeasuredRatio, measuredRatios } from './measured-ratios.ts'
import { observe, type RunRecords } from './observations.ts'
import { halfWidth, type LogEstimate } from '../statistics/interval.ts'
import { CONFIDENCE, LEAST_BLOCKS } from './verdict.ts'
import { logThreshold, ruleOf } from './verdict-metrics.ts'
import { countText } from '../wording.ts'

/** Whether a run has measured precisely enough, with the reason in one sentence. */
export interface StopDecision {
  readonly stop: boolean
  readonly because: string
}

/**
 * True when the family interval of a ratio is no wider to either side than the metric's threshold δ, after at least 8
 * blocks. It looks at the width alone and never at the estimate: stopping when a difference turns significant would
 * find one in a quarter of all A/A runs.
 */
export function isNarrowEnough(metric: VerdictMetric, ratio: LogEstimate, family: number): boolean {
  return ratio.values.length >= LEAST_BLOCKS && halfWidth(ratio, CONFIDENCE, family) <= logThreshold(metric)
}

/**
 * Whether a full run may stop before its last block: when every comparison that the plan can decide is
 * {@link isNarrowEnough}. Quantiles with fewer than 100 samples above them decide nothing and are not waited for; a
 * comparison without any pair is. `workloads` restricts the question to some of the plan's workloads, whose blocks can
 * then end while others go on.
 */
export function shouldStop(run: RunRecords, workloads: readonly string[] = run.manifest.plan.workloads): StopDecision {
  const { manifest, pilot } = run
  if (manifest.plan.kind === 'pilot') return { stop: false, because: 'A pilot runs all its blocks.' }
  const models = comparedModels(manifest, pilot)
  const family = familySize(models, manifest)
  const observations = observe(run.trials, run.blocks, run.histograms)
  const noisy = workloads.find((workload) => observations.disturbance(workload) !== null)
  if (noisy !== undefined) return { stop: false, because: `No block of ${noisy} was kept so far.` }
  const ratios = measuredRatios(manifest, models, observations).filter(
    ({ workload, evidence }) => workloads.includes(workload) && decides(evidence),
  )
  if (ratios.length === 0) return { stop: false, because: 'Nothing has been measured yet.' }
  const open = ratios.filter(
    ({ metric, evidence }) => evidence === null || !isNarrowEnough(metric, evidence.ratio, family),
  )
  const first = open[0]
  if (first !== undefined) return { stop: false, because: openText(first, open.length, family) }
  return {
    stop: true,
    because: `All ${countText(ratios.length, 'interval')} are narrower than the differences that count.`,
  }
}

function decides(evidence: MeasuredRatio['evidence']): boolean {
  return evidence === null || evidence.samplesAbove === null || evidence.samplesAbove >= LEAST_SAMPLES_ABOVE
}

function openText({ workload, metric, candidate, evidence }: MeasuredRatio, count: number, family: number): string {
  const blocks = evidence?.ratio.values.length ?? 0
  if (evidence === null || blocks < LEAST_BLOCKS) {
    return `${countText(blocks, 'block')} of at least ${LEAST_BLOCKS} for ${candidate} under ${workload}.`
  }
  const width = Math.expm1(halfWidth(evidence.ratio, CONFIDENCE, family)) * 100
  const goal = ruleOf(metric).threshold * 100
  return `${countText(count, 'interval')} still too wide, e.g. ${ruleOf(metric).words} of ${candidate} under ${workload}: ±${width.toFixed(1)} %, goal ±${goal.toFixed(0)} %.`
}
