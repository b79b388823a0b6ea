import type {
  BlockRecord,
  Certificate,
  Manifest,
  PilotRecord,
  Result,
  TrialRecord,
  Verdict,
} from '../../core/records.ts'
import { commonRatesOf } from './common-rate.ts'
import { interferenceOf } from './interference.ts'
import { measuringTime } from './measuring-time.ts'
import type { MeasuredRatio } from './measured-ratios.ts'
import type { HistogramSource } from './latencies.ts'
import { nodeCaveat } from '../node-versions.ts'
import { failureText } from './failures.ts'
import { isSettled, standings } from './standing.ts'
import { summarise } from './summary.ts'
import { plausibilityNotes } from './plausibility.ts'
import { judgeValidity } from './validity.ts'
import { decide } from './verdict.ts'
import { ruleOf } from './verdict-metrics.ts'
import { weigh, type WeighedRun } from './weighed-run.ts'
import { cellName } from '../wording.ts'

/**
 * Everything that follows from a run's records: `forkwise/result@1`. Pure and deterministic, so that a folder gives the
 * same result whenever it is read again. A folder of a run that is not finished gives the result so far.
 */
export function analyse(
  manifest: Manifest,
  pilot: PilotRecord | null,
  trials: readonly TrialRecord[],
  blocks: readonly BlockRecord[],
  histograms: HistogramSource,
  certificate: Certificate | null,
): Result {
  const { plan } = manifest
  const weighed = weigh({ manifest, pilot, trials, blocks, histograms })
  const { models, observations, cells, controls, ratios } = weighed
  const time = measuringTime(plan, pilot, blocks, observations)
  const verdicts = verdictsOf(weighed)
  const settled = standings(weighed).filter(
    (standing) => plan.looks !== undefined && standing.blocks < plan.blocks && isSettled(standing, plan.looks),
  )
  return {
    schema: 'forkwise/result@2',
    id: manifest.id,
    kind: plan.kind,
    machine: manifest.machine,
    seed: plan.seed,
    baseline: plan.baseline,
    workers: plan.workers,
    summary: summarise({
      manifest,
      pilot,
      verdicts,
      cells,
      withheld: weighed.withheldFor,
      failures: (workload) => failureText(trials.filter((trial) => trial.workload === workload)),
    }),
    cells,
    verdicts,
    interference: interferenceOf(manifest, models, observations),
    unavailable: [
      ...manifest.unavailable,
      ...(pilot?.refused ?? []).map(({ reason, ...cell }) => ({
        ...cell,
        reason: `Left out after the pilot: ${reason}`,
        remedy: 'Only models that start and give the same answers can be compared.',
      })),
    ],
    commonRates: commonRatesOf(plan.workloads, pilot),
    validity: {
      ...judgeValidity(manifest, pilot, trials, observations, controls, certificate, settled, [
        ...plausibilityNotes(manifest, verdicts, cells),
        ...silentTexts(ratios, manifest, pilot),
      ]),
      ...(time === null ? {} : { time }),
    },
  }
}

/** A verdict on every ratio that was measured; where every block was dropped, what they showed, from no block that counts. */
function verdictsOf({ manifest, ratios, rulesFor, withheldFor, observations }: WeighedRun): Verdict[] {
  return ratios.flatMap(({ evidence, ...comparison }) => {
    if (evidence === null) return []
    const decided = decide(comparison, evidence.ratio, rulesFor(comparison, evidence))
    const verdict: Verdict = {
      ...decided,
      ...(withheldFor(comparison.workload) === null ? {} : { withheld: true }),
      ...(observations.disturbance(comparison.workload) === null ? {} : { blocks: 0 }),
    }
    const caveat = nodeCaveat(manifest, comparison.baseline, comparison.candidate)
    return [caveat === '' ? verdict : { ...verdict, because: `${verdict.because} ${caveat}` }]
  })
}

/** Which comparisons have no block with both models, one sentence for each model and workload; those left out after the pilot are named there. */
function silentTexts(ratios: readonly MeasuredRatio[], { models }: Manifest, pilot: PilotRecord | null): string[] {
  const refused = new Set((pilot?.refused ?? []).map(cellName))
  const groups = new Map<string, string[]>()
  const unseen = new Set(models.filter(({ outside }) => outside?.pid === null).map(({ id }) => id))
  for (const { workload, metric, baseline, candidate, evidence } of ratios) {
    if (evidence !== null || refused.has(cellName({ model: candidate, workload }))) continue
    if (metric === 'cpu-per-request' && (unseen.has(baseline) || unseen.has(candidate))) continue
    const who = `No verdict on ${candidate} against ${baseline} for ${workload}`
    groups.set(who, [...(groups.get(who) ?? []), ruleOf(metric).words])
  }
  return [...groups].map(([who, metrics]) => `${who} (${metrics.join(', ')}): no block has both in a valid trial.`)
}
