import { type Observations, observe } from '../analysis/comparison/observations.ts'
import type { LatencyHistogram } from '../core/histogram.ts'
import type { BlockRecord, Certificate, Manifest, MeasuredTrial, PilotRecord, TrialRecord } from '../core/records.ts'

/** Which slice of a trial. */
export type SliceName = 'saturation' | 'latency'

/** What a results folder holds besides its result, as reports read it. The store of a run is one. */
export interface RecordedRun {
  /** Where it is, for the series recorded beside it. */
  readonly dir?: string
  readonly manifest: Manifest
  readonly pilot: PilotRecord | null
  readonly certificate: Certificate | null
  readonly trials: readonly TrialRecord[]
  readonly blocks: readonly BlockRecord[]
  /** The histogram of a slice, or of one route of it; null where none was kept. */
  histograms(trialId: string, slice: SliceName, route?: string): LatencyHistogram | null
}

/** The trials that figures are made from, as analysis chooses them: valid, in a block that was kept, no A/A controls. */
export function countedTrials(run: RecordedRun): MeasuredTrial[] {
  const observations: Observations = observe(run.trials, run.blocks, () => null)
  const { models, workloads } = run.manifest.plan
  return workloads.flatMap((workload) => models.flatMap((model) => [...observations.of(model, workload).values()]))
}
