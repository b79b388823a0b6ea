import type { LatencyHistogram } from '../core/histogram.ts'
import type { BlockRecord, Certificate, Manifest, MeasuredTrial, PilotRecord, TrialRecord } from '../core/records.ts'

/** Which slice of a trial. */
export type SliceName = 'saturation' | 'latency'

/** What a results folder holds besides its result, as reports read it. The store of a run is one. */
export interface RecordedRun {
  readonly manifest: Manifest
  readonly pilot: PilotRecord | null
  readonly certificate: Certificate | null
  readonly trials: readonly TrialRecord[]
  readonly blocks: readonly BlockRecord[]
  /** The histogram of a slice, or of one route of it; null where none was kept. */
  histograms(trialId: string, slice: SliceName, route?: string): LatencyHistogram | null
}

/** True when the trials of this block under this workload count. */
export function isKept(run: Pick<RecordedRun, 'blocks'>): (trial: { block: number; workload: string }) => boolean {
  const dropped = new Set(run.blocks.filter((block) => !block.kept).map((block) => `${block.block} ${block.workload}`))
  return ({ block, workload }) => !dropped.has(`${block} ${workload}`)
}

/** The trials that figures are made from: measured as asked, in a block that was kept, no A/A controls. */
export function countedTrials(run: Pick<RecordedRun, 'blocks' | 'trials'>): MeasuredTrial[] {
  const kept = isKept(run)
  return run.trials.filter(
    (trial): trial is MeasuredTrial => trial.outcome === 'valid' && !trial.sentinel && kept(trial),
  )
}
