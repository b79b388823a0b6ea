import type {
  BlockRecord,
  Certificate,
  Manifest,
  PilotRecord,
  Result,
  ResultCell,
  TrialRecord,
  Verdict,
} from '../../core/records.ts'
import { cellOf } from './cells.ts'
import { commonRatesOf } from './common-rate.ts'
import { decisionRules, noiseText } from './decision-rules.ts'
import { interferenceOf } from './interference.ts'
import { measuringTime } from './measuring-time.ts'
import { comparedModels, familySize, type MeasuredRatio, measuredRatios } from './measured-ratios.ts'
import type { HistogramSource } from './latencies.ts'
import { nodeCaveat } from '../node-versions.ts'
import { type Observations, observe } from './observations.ts'
import { failureText } from './failures.ts'
import { judgeControls } from './control.ts'
import { isSettled, type Standing, standings } from './standing.ts'
import { summarise } from './summary.ts'
import { plausibilityNotes } from './plausibility.ts'
import { judgeValidity } from './validity.ts'
import { decide } from './verdict.ts'
import { ruleOf } from './verdict-metrics.ts'
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
  const observations = observe(trials, blocks, histograms)
  const models = comparedModels(manifest, pilot)
  const cells = plan.workloads.flatMap((workload) =>
    models.map((model) => cellOf(model, workload, manifest, pilot, observations)),
  )
  const controls = judgeControls(plan.baseline, plan.workloads, observations)
  const withheld = (workload: string): string | null =>
    controls.alarms.get(workload) ?? noiseText(workload, observations)
  const time = measuringTime(plan, pilot, blocks, observations)
  const { verdicts, silent, settled } = verdictsOf(manifest, pilot, models, cells, observations, withheld)
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
      withheld,
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
        ...silent,
      ]),
      ...(time === null ? {} : { time }),
    },
  }
}

/** A verdict on every ratio that was measured, and in words those that no block has. */
function verdictsOf(
  manifest: Manifest,
  pilot: PilotRecord | null,
  models: readonly string[],
  cells: readonly ResultCell[],
  observations: Observations,
  withheldFor: (workload: string) => string | null,
): { verdicts: Verdict[]; silent: string[]; settled: Standing[] } {
  const { plan } = manifest
  const ratios = measuredRatios(manifest, models, observations)
  const rulesFor = decisionRules(manifest, familySize(models, manifest), cells, observations, withheldFor)
  return {
    verdicts: ratios.flatMap(({ evidence, ...comparison }) => {
      if (evidence === null) return []
      const rules = rulesFor(comparison, evidence)
      const verdict = decide(comparison, evidence.ratio, rules)
      const caveat = nodeCaveat(manifest, comparison.baseline, comparison.candidate)
      return [caveat === '' ? verdict : { ...verdict, because: `${verdict.because} ${caveat}` }]
    }),
    silent: silentTexts(ratios, manifest, pilot),
    settled: standings(manifest, ratios, rulesFor, observations).filter(
      (standing) => plan.looks !== undefined && standing.blocks < plan.blocks && isSettled(standing, plan.looks),
    ),
  }
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
