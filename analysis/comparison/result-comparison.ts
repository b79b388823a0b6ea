import type { Call, Estimate, Manifest, VerdictMetric } from '../../core/records.ts'
import { LEAST_SAMPLES_ABOVE, levelEvidence, type RatioEvidence } from './evidence.ts'
import { comparedModels } from './measured-ratios.ts'
import { differencesBetween, mismatches } from './manifest-comparison.ts'
import { type Observations, observe, type RunRecords, type TrialsByBlock } from './observations.ts'
import { judgeControls } from './control.ts'
import { fromLogs, halfWidth, type LogEstimate, welchLogRatio } from '../statistics/interval.ts'
import { median } from '../statistics/sample.ts'
import { CONFIDENCE, EQUIVALENCE_CONFIDENCE, LEAST_BLOCKS, LEAST_PILOT_BLOCKS } from './verdict.ts'
import { logThreshold, METRIC_RULES, ruleOf, thresholdText } from './verdict-metrics.ts'
import { boundsText, listText, ratioText } from '../wording.ts'

/** Two runs set against each other: the ratios, or why there can be none. */
export type ResultComparison =
  | { readonly comparable: false; readonly reasons: readonly string[] }
  | {
      readonly comparable: true
      /** What else differs between the runs and may be what a difference comes from (or the thing that was tried). */
      readonly differences: readonly string[]
      readonly rows: readonly ComparedCell[]
      /** Workloads on which nothing is decided, with the reason as a clause. */
      readonly withheld: Readonly<Record<string, string>>
      /** Workloads of which latencies were not compared, with the reason as a sentence. */
      readonly latenciesLeftOut: Readonly<Record<string, string>>
      readonly notes: readonly string[]
    }

/** One model under one workload in two runs. */
export interface ComparedCell {
  readonly model: string
  readonly workload: string
  readonly metric: VerdictMetric
  /** Second run / first run, with the interval that holds for all rows of the metric at once. */
  readonly ratio: Estimate & { readonly confidence: number }
  /** `better` means that the second run is better for the user. */
  readonly call: Call
  readonly because: string
  /** Why the ratio decides nothing, whatever it is, as a clause; null where it may. */
  readonly objection: string | null
  /** Blocks behind it in the first and in the second run. */
  readonly blocks: readonly [first: number, second: number]
}

/** Rates of slice B that differ by more than this share make latencies incomparable. */
const RATE_TOLERANCE = 0.02

/**
 * Sets a second run against a first one: for every model, workload and metric that both have, the ratio second/first
 * with Welch's interval over block values (pooled quantiles with their jackknife for latencies). Refuses, with all
 * reasons, where machines or plans do not match. The blocks of two runs are not interleaved, so a change of the machine
 * between them is not in the intervals; the notes say so.
 */
export function compareResults(first: RunRecords, second: RunRecords): ResultComparison {
  const [a, b] = [first.manifest, second.manifest]
  const cells = commonCells(first, second)
  const reasons = [
    ...mismatches(a, b),
    ...(cells.length === 0 ? ['No model under a workload was measured in both runs.'] : []),
  ]
  if (reasons.length > 0) return { comparable: false, reasons }
  const [own, other] = [first, second].map((run) => observe(run.trials, run.blocks, run.histograms))
  if (own === undefined || other === undefined) return { comparable: false, reasons: ['A run is missing.'] }
  const rates = rateNotes(a.plan.workloads, own, other)
  const withheld = withheldWorkloads([
    [a, own],
    [b, other],
  ])
  const minimum = a.plan.kind === 'full' && b.plan.kind === 'full' ? LEAST_BLOCKS : LEAST_PILOT_BLOCKS
  const rows = cells.flatMap(({ model, workload }) => {
    const metrics = METRIC_RULES.filter(({ quantile }) => quantile === null || !rates.has(workload))
    return rowsOf(
      model,
      workload,
      metrics.map(({ metric }) => metric),
      own,
      other,
      { family: cells.length, minimum, withheld: withheld.get(workload)?.reason ?? null },
    )
  })
  if (rows.length === 0) return { comparable: false, reasons: ['Nothing was measured to the end in both runs.'] }
  return {
    comparable: true,
    differences: differencesBetween(a, b),
    rows,
    withheld: Object.fromEntries([...withheld].map(([workload, { reason }]) => [workload, reason])),
    latenciesLeftOut: Object.fromEntries(rates),
    notes: [
      'The runs were made one after the other: intervals cover the scatter within them, not a change of the machine between them.',
      ...[...withheld.values()].flatMap(({ notes }) => notes),
      ...rates.values(),
    ],
  }
}

function commonCells(first: RunRecords, second: RunRecords): { model: string; workload: string }[] {
  const [ours, theirs] = [first, second].map(({ manifest, pilot }) => comparedModels(manifest, pilot))
  return first.manifest.plan.workloads
    .filter((workload) => second.manifest.plan.workloads.includes(workload))
    .flatMap((workload) =>
      (ours ?? []).filter((model) => theirs?.includes(model)).map((model) => ({ model, workload })),
    )
}

/** A workload on which two runs cannot be judged: the reason of each row, and of each run at fault what it showed. */
interface WithheldWorkload {
  readonly reason: string
  readonly notes: readonly string[]
}

/** Workloads whose control differed from itself, or of which every block was disturbed, in the first run or the second. */
function withheldWorkloads(
  runs: readonly [first: readonly [Manifest, Observations], second: readonly [Manifest, Observations]],
): Map<string, WithheldWorkload> {
  const found = new Map<string, WithheldWorkload>()
  for (const [index, [{ plan }, observations]] of runs.entries()) {
    const { alarms } = judgeControls(plan.baseline, plan.workloads, observations)
    const name = index === 0 ? 'first' : 'second'
    for (const workload of plan.workloads) {
      const disturbance = observations.disturbance(workload)
      const alarm = alarms.get(workload)
      if (disturbance === null && alarm === undefined) continue
      const short =
        alarm === undefined
          ? `every block of the ${name} run was disturbed`
          : `the control of the ${name} run differed from itself`
      const before = found.get(workload)
      found.set(workload, {
        reason: before === undefined ? short : `${before.reason} and ${short}`,
        notes: [
          ...(before?.notes ?? []),
          `Nothing is decided on ${workload}: in the ${name} run, ${alarm ?? `every block was disturbed (${disturbance})`}.`,
        ],
      })
    }
  }
  return found
}

/** Workloads whose rates of slice B differ, with the note that says so. */
function rateNotes(workloads: readonly string[], own: Observations, other: Observations): Map<string, string> {
  return new Map(
    workloads.flatMap((workload) => {
      const [first, second] = [own, other].map(({ rates }) => rates(workload))
      if (!first || !second || Math.abs(second / first - 1) <= RATE_TOLERANCE) return []
      const note = `Latencies under ${workload} are not compared: they were measured at ${first.toFixed(1)} and ${second.toFixed(1)} requests/s.`
      return [[workload, note] as const]
    }),
  )
}

function rowsOf(
  model: string,
  workload: string,
  metrics: readonly VerdictMetric[],
  own: Observations,
  other: Observations,
  rules: { family: number; minimum: number; withheld: string | null },
): ComparedCell[] {
  const levels = (observations: Observations, trials: TrialsByBlock): Map<VerdictMetric, RatioEvidence> =>
    levelEvidence(metrics, trials, observations.latencies)
  const [first, second] = [levels(own, own.of(model, workload)), levels(other, other.of(model, workload))]
  return metrics.flatMap((metric) => {
    const [a, b] = [first.get(metric), second.get(metric)]
    if (a === undefined || b === undefined) return []
    const ratio = welchLogRatio(a.ratio, b.ratio)
    const blocks = [a.ratio.values.length, b.ratio.values.length] as const
    const samples = Math.min(a.samplesAbove ?? Infinity, b.samplesAbove ?? Infinity)
    const objection =
      rules.withheld !== null
        ? rules.withheld
        : samples < LEAST_SAMPLES_ABOVE
          ? `only ${samples} samples lie above this quantile, ${LEAST_SAMPLES_ABOVE} are needed`
          : Math.min(...blocks) < rules.minimum
            ? `each run needs at least ${rules.minimum} blocks`
            : null
    const interval = fromLogs(ratio.log, halfWidth(ratio, CONFIDENCE, rules.family))
    const { call, reason } = judge(metric, a.ratio, b.ratio, ratio, rules.family, objection)
    return [
      {
        model,
        workload,
        metric,
        ratio: { ...interval, confidence: CONFIDENCE },
        call,
        because: `The second run has ${ratioText(interval.estimate)} the ${ruleOf(metric).words} of the first (95 % ${boundsText(interval)}; ${listText(blocks.map(String))} blocks): ${reason}.`,
        objection,
        blocks,
      },
    ]
  })
}

/** The rules of a verdict, with the median of all differences between blocks as the robust check. */
function judge(
  metric: VerdictMetric,
  first: LogEstimate,
  second: LogEstimate,
  ratio: LogEstimate,
  family: number,
  objection: string | null,
): { call: Call; reason: string } {
  if (objection !== null) return { call: 'inconclusive', reason: objection }
  const [size, delta, threshold] = [Math.abs(ratio.log), logThreshold(metric), thresholdText(metric)]
  const robust = median(second.values.flatMap((b) => first.values.map((a) => b - a)))
  if (size > halfWidth(ratio, CONFIDENCE, family) && size >= delta) {
    if (robust * Math.sign(ratio.log) < delta)
      return { call: 'inconclusive', reason: 'only a few blocks make the difference' }
    const better = ratio.log > 0 === ruleOf(metric).higherIsBetter
    return { call: better ? 'better' : 'worse', reason: `that excludes 1 and passes the ${threshold} that count` }
  }
  if (size + halfWidth(ratio, EQUIVALENCE_CONFIDENCE) <= delta) {
    if (Math.abs(robust) > delta) return { call: 'inconclusive', reason: 'only a few blocks make it equal' }
    return { call: 'same', reason: `that is less than the ${threshold} that count` }
  }
  return { call: 'inconclusive', reason: `neither equality nor a difference of ${threshold} is excluded` }
}
