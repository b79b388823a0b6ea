import type { CapacityResult } from '../analysis/capacity/objective/capacity-result.ts'
import type { CapacityMeasurement } from '../core/capacity.ts'
import type { PlanResult, ScaleResult, ValidationResult } from './capacity-findings.ts'
import type { CapacityManifest, FinishedSearch, TriedCount } from './capacity-record.ts'
import { capacityManifest, finishedSearch, triedCount } from './shapes/capacity-record.ts'
import { capacityResult, scaleResult, validationResult } from './shapes/capacity-results.ts'
import { capacityMeasurement } from './shapes/measurement.ts'
import { planResult } from './shapes/plan-result.ts'
import type { JsonFile, LinesFile } from './stored-file.ts'

/** What is known of a run before its first launch. */
export const CAPACITY_MANIFEST: JsonFile<CapacityManifest> = {
  name: 'manifest.json',
  tag: 'forkwise/capacity-manifest@1',
  lines: false,
  shape: capacityManifest,
}

/** The searches that are over. */
export const SEARCHES: LinesFile<FinishedSearch> = {
  name: 'searches.ndjson',
  tag: 'forkwise/search@1',
  lines: true,
  shape: finishedSearch,
}

/** The worker counts of virtual servers that were tried out. */
export const COUNTS: LinesFile<TriedCount> = {
  name: 'counts.ndjson',
  tag: 'forkwise/count@1',
  lines: true,
  shape: triedCount,
}

/** Names of the files that measurements are kept in, one for each model and workload. */
export const MEASUREMENT_NAME: RegExp = /^measurement-.+\.json$/

/** A measurement of a model under a workload. */
export const MEASUREMENT: JsonFile<CapacityMeasurement> = {
  name: 'measurement',
  tag: 'forkwise/capacity-measurement@1',
  lines: false,
  hasEstimates: true,
  shape: capacityMeasurement,
}

const SCALE: JsonFile<ScaleResult> = {
  name: 'scale.json',
  tag: 'forkwise/scale@1',
  lines: false,
  hasEstimates: true,
  shape: scaleResult,
}

const CAPACITY: JsonFile<CapacityResult> = {
  name: 'capacity.json',
  tag: 'forkwise/capacity@1',
  lines: false,
  hasEstimates: true,
  shape: capacityResult,
}

const PLAN: JsonFile<PlanResult> = {
  name: 'plan.json',
  tag: 'forkwise/plan@1',
  lines: false,
  hasEstimates: true,
  shape: planResult,
}

const VALIDATION: JsonFile<ValidationResult> = {
  name: 'validation.json',
  tag: 'forkwise/validation@1',
  lines: false,
  hasEstimates: true,
  shape: validationResult,
}

/** What each of the results holds, by name. */
export interface CapacityResults {
  readonly 'scale.json': ScaleResult
  readonly 'capacity.json': CapacityResult
  readonly 'plan.json': PlanResult
  readonly 'validation.json': ValidationResult
}

/** The results that a folder of a capacity command may have, by name. */
export const RESULTS: { readonly [N in keyof CapacityResults]: JsonFile<CapacityResults[N]> } = {
  'scale.json': SCALE,
  'capacity.json': CAPACITY,
  'plan.json': PLAN,
  'validation.json': VALIDATION,
}
