import type { Manifest, PilotRecord, ResultCell } from '../../core/records.ts'
import { cellOf } from './cells.ts'
import { type ControlFindings, judgeControls } from './control.ts'
import { decisionRules, noiseText } from './decision-rules.ts'
import { comparedModels, familySize, type MeasuredRatio, measuredRatios } from './measured-ratios.ts'
import { type Observations, observe, type RunRecords } from './observations.ts'

/** A run's records as verdicts are made of them: what was measured, and by what rules each ratio is called. */
export interface WeighedRun {
  readonly manifest: Manifest
  readonly pilot: PilotRecord | null
  /** The models that are compared. */
  readonly models: readonly string[]
  readonly observations: Observations
  readonly cells: readonly ResultCell[]
  readonly controls: ControlFindings
  readonly ratios: readonly MeasuredRatio[]
  readonly rulesFor: ReturnType<typeof decisionRules>
  /** Why nothing is decided under a workload; null where something may be. */
  readonly withheldFor: (workload: string) => string | null
}

/** Weighs the records of a run, finished or not. */
export function weigh({ manifest, pilot, trials, blocks, histograms }: RunRecords): WeighedRun {
  const { plan } = manifest
  const observations = observe(trials, blocks, histograms)
  const models = comparedModels(manifest, pilot)
  const cells = plan.workloads.flatMap((workload) =>
    models.map((model) => cellOf(model, workload, manifest, pilot, observations)),
  )
  const controls = judgeControls(plan.baseline, plan.workloads, observations)
  const withheldFor = (workload: string): string | null =>
    controls.alarms.get(workload) ?? noiseText(workload, observations)
  const rulesFor = decisionRules(manifest, familySize(models, manifest), cells, observations, withheldFor)
  const ratios = measuredRatios(manifest, models, observations)
  return { manifest, pilot, models, observations, cells, controls, ratios, rulesFor, withheldFor }
}
