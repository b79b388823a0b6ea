import type { Validity, VerdictMetric } from '../../core/records.ts'
import { LEAST_SAMPLES_ABOVE, ratioEvidence } from './evidence.ts'
import type { Observations } from './observations.ts'
import { fromLogs, halfWidth } from '../statistics/interval.ts'
import { logThreshold, METRIC_RULES, ruleOf, thresholdText } from './verdict-metrics.ts'
import { boundsText, ratioText } from '../wording.ts'

/** What launching the baseline twice showed. */
export interface ControlFindings {
  /** A/A ratio of each workload and metric with at least three blocks; null where there is none. */
  readonly ratios: Validity['control']
  /** Why the verdicts on a workload must be withheld, in words, by workload; none where the baseline did not differ from itself. */
  readonly alarms: ReadonlyMap<string, string>
}

/** Blocks with an A/A control that an A/A ratio needs: with two, its interval spans everything. */
const LEAST_SENTINELS = 3

/**
 * Compares the baseline with its own second launch. Alarm when one metric of one workload differs by the rules of a
 * verdict: the interval of 95 % for all these A/A ratios at once (Bonferroni) excludes 1 and the estimate is at least
 * the metric's threshold away from it. It withholds the verdicts on that workload, whose blocks are its own: what disturbed
 * them did not disturb those in which the control agrees. At most 5 % of sound runs have one withheld by this.
 */
export function judgeControls(
  baseline: string,
  workloads: readonly string[],
  observations: Observations,
): ControlFindings {
  const metrics = METRIC_RULES.map(({ metric }) => metric)
  const calm = workloads.filter((workload) => observations.disturbance(workload) === null)
  const found = calm.flatMap((workload) => {
    const [own, second] = [observations.of(baseline, workload), observations.controlsOf(workload)]
    return [...ratioEvidence(metrics, own, second, observations.latencies)]
      .filter(([, { samplesAbove }]) => samplesAbove === null || samplesAbove >= LEAST_SAMPLES_ABOVE)
      .filter(([, { ratio }]) => ratio.values.length >= LEAST_SENTINELS)
      .map(([metric, { ratio }]) => ({ workload, metric, ratio }))
  })
  if (found.length === 0) return { ratios: null, alarms: new Map() }
  const ratios = found.map(({ workload, metric, ratio }) => ({
    workload,
    metric,
    ratio: fromLogs(ratio.log, halfWidth(ratio, 0.95, found.length)),
  }))
  const alarms = new Map<string, string>()
  for (const [i, { workload, metric, ratio }] of found.entries()) {
    const half = halfWidth(ratio, 0.95, found.length)
    const differs = Math.abs(ratio.log) > half && Math.abs(ratio.log) >= logThreshold(metric)
    const entry = ratios[i]
    if (!differs || entry === undefined) continue
    const before = alarms.get(workload)
    alarms.set(workload, `${before === undefined ? '' : `${before}; `}${alarmText(baseline, entry)}`)
  }
  return { ratios, alarms }
}

function alarmText(
  baseline: string,
  entry: { workload: string; metric: VerdictMetric; ratio: { estimate: number; low: number; high: number } },
): string {
  return `${baseline} launched twice differed from itself on ${entry.workload} (${ruleOf(entry.metric).words} ${ratioText(entry.ratio.estimate)}, 95 % ${boundsText(entry.ratio)}, more than the ${thresholdText(entry.metric)} that count)`
}
