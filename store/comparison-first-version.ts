import type { ExperimentPlan, FailedTrial, Manifest, MeasuredTrial, TrialRecord } from '../core/records.ts'

/** manifest.json of a comparison as version 0.1 wrote it. */
export type FirstManifest = Omit<Manifest, 'schema' | 'plan'> & {
  readonly schema: 'forkwise/manifest@1'
  readonly plan: Omit<ExperimentPlan, 'control'> & { readonly sentinel: boolean }
}

/** What the name of the A/A control was in a trial of version 0.1. */
export type FirstOf<Trial extends TrialRecord> = Omit<Trial, 'schema' | 'control'> & {
  readonly schema: 'forkwise/trial@1'
  readonly sentinel: boolean
}

/** A line of trials.ndjson as version 0.1 wrote it. */
export type FirstTrial = FirstOf<MeasuredTrial> | FirstOf<FailedTrial>

/** A manifest of version 0.1 in the words of today: folders of then are read on for one version. */
export function manifestOfFirst({ plan, ...rest }: FirstManifest): Manifest {
  const { sentinel, ...kept } = plan
  return { ...rest, schema: 'forkwise/manifest@2', plan: { ...kept, control: sentinel } }
}

/** A trial of version 0.1 in the words of today. */
export function trialOfFirst({ sentinel, ...rest }: FirstTrial): TrialRecord {
  return { ...rest, schema: 'forkwise/trial@2', control: sentinel }
}
