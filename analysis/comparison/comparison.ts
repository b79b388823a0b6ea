import type {
  BlockRecord,
  Certificate,
  Manifest,
  PilotRecord,
  Result,
  ResultCell,
  TrialRecord,
  Verdict,
  VerdictMetric,
} from '../../core/records.ts'
import { cellOf } from './cells.ts'
import { commonRatesOf } from './common-rate.ts'
import { LEAST_SAMPLES_ABOVE } from './evidence.ts'
import { interferenceOf } from './interference.ts'
import { measuringTime } from './measuring-time.ts'
import { comparedModels, familySize, type MeasuredRatio, measuredRatios } from './measured-ratios.ts'
import type { HistogramSource } from './latencies.ts'
import { nodeCaveat } from '../node-versions.ts'
import { type Observations, observe } from './observations.ts'
import { failureText } from './failures.ts'
import { judgeControls } from './control.ts'
import { summarise } from './summary.ts'
import { plausibilityNotes } from './plausibility.ts'
import { judgeValidity } from './validity.ts'
import { type DecisionRules, decide } from './verdict.ts'
import { ruleOf } from './verdict-metrics.ts'
import { cellName, countText } from '../wording.ts'

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
  const { verdicts, silent } = verdictsOf(manifest, pilot, models, cells, observations, withheld)
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
      ...judgeValidity(manifest, pilot, trials, observations, controls, certificate, [
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
): { verdicts: Verdict[]; silent: string[] } {
  const ratios = measuredRatios(manifest, models, observations)
  const family = familySize(models, manifest)
  return {
    verdicts: ratios.flatMap(({ evidence, ...comparison }) => {
      if (evidence === null) return []
      const { workload, metric, baseline, candidate } = comparison
      const droppedBlocks = observations.dropped.filter((block) => block.workload === workload).length
      const withheld = withheldFor(workload)
      const rules: DecisionRules = {
        kind: manifest.plan.kind,
        family,
        droppedBlocks,
        ...(metric === 'throughput' ? limitRules(workload, baseline, candidate, cells) : {}),
        ...sampleRules(metric, evidence.samplesAbove),
        ...(withheld === null ? {} : { withheld }),
      }
      const verdict = decide(comparison, evidence.ratio, rules)
      const caveat = nodeCaveat(manifest, baseline, candidate)
      return [caveat === '' ? verdict : { ...verdict, because: `${verdict.because} ${caveat}` }]
    }),
    silent: silentTexts(ratios, manifest, pilot),
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

/** Why nothing is decided about a workload of which the gates dropped every block; null where they kept one. */
function noiseText(workload: string, observations: Observations): string | null {
  const disturbance = observations.disturbance(workload)
  if (disturbance === null) return null
  const dropped = observations.dropped.filter((block) => block.workload === workload).length
  return `the host was too noisy (${dropped === 1 ? 'the one block was' : `all ${dropped} blocks were`} disturbed, e.g. ${disturbance})`
}

/** Too few samples above a quantile: the next lower one decides. */
function sampleRules(metric: VerdictMetric, samplesAbove: number | null): Partial<DecisionRules> {
  if (samplesAbove === null || samplesAbove >= LEAST_SAMPLES_ABOVE) return {}
  const next = { 'latency-p99': 'p95', 'latency-p95': 'p50' }[metric as string]
  const instead = next === undefined ? 'nothing lower can decide instead' : `${next} decides instead`
  const few = `${countText(samplesAbove, 'sample')} ${samplesAbove === 1 ? 'lies' : 'lie'}`
  return {
    withheld: `only ${few} above this quantile, ${LEAST_SAMPLES_ABOVE} are needed; ${instead}`,
    scarce: true,
  }
}

/** Limits outside the model: equality then says nothing about the models, and an advantage is a lower bound. */
function limitRules(
  workload: string,
  baseline: string,
  candidate: string,
  cells: readonly ResultCell[],
): Partial<DecisionRules> {
  const outside = [baseline, candidate].flatMap((model) => {
    const limit = cells.find((cell) => cell.model === model && cell.workload === workload)?.bottleneck.limit
    const words = limit === undefined ? undefined : OUTSIDE_LIMITS[limit]
    return words === undefined ? [] : [{ model, words }]
  })
  if (outside.length === 0) return {}
  const text = outside.map(({ model, words }) => `${model} was limited by ${words}`).join(' and ')
  return {
    notSame: `${text}, not by the model, so that equal throughput does not show equal models`,
    caveat: `${text}, so that its own limit was not reached`,
  }
}

const OUTSIDE_LIMITS: Readonly<Partial<Record<ResultCell['bottleneck']['limit'], string>>> = {
  generator: 'the generator',
  connections: 'the number of connections',
  dependency: 'the dependency',
  app: 'something inside the app',
}
