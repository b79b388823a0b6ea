import type { JudgedTrial } from '../analysis/capacity/objective/capacity-result.ts'
import type { SearchResult } from '../analysis/capacity/objective/slo-search.ts'
import type { CountRow } from '../analysis/capacity/planning/validation.ts'
import type { CapacityMeasurement } from '../core/capacity.ts'
import type { MachineFacts } from '../core/machine.ts'

/** The commands that leave a capacity folder. */
export type CapacityExperiment = 'scale' | 'capacity' | 'plan' | 'validate-plan'

/** manifest.json of a capacity folder: all that is known before its first launch. */
export interface CapacityManifest {
  readonly schema: 'forkwise/capacity-manifest@1'
  readonly id: string
  readonly createdAt: string
  readonly forkwiseVersion: string
  readonly experiment: CapacityExperiment
  readonly machine: MachineFacts
  /** Its options by key, with the seed that was drawn and absolute paths: the same run follows from them again. */
  readonly options: Readonly<Record<string, unknown>>
  /** Folder in which it was begun, where an app of the user's own runs. */
  readonly cwd?: string
}

/** A line of searches.ndjson: a finished search for a highest rate. Its trials are among the rates of the measurement. */
export interface FinishedSearch {
  readonly schema: 'forkwise/search@1'
  readonly model: string
  readonly workload: string
  readonly workers: number
  /** The objective as it is written, e.g. `p99<200ms`. */
  readonly objective: string
  readonly result: SearchResult<JudgedTrial>
}

/** A line of counts.ndjson: a worker count of a virtual server that was planned and tried out. */
export interface TriedCount {
  readonly schema: 'forkwise/count@1'
  /** Which case, from 0. */
  readonly number: number
  readonly row: CountRow
}

/** What a capacity run that stopped had finished, to go on with it. */
export interface CapacityRecord {
  readonly dir: string
  readonly manifest: CapacityManifest
  readonly measurements: readonly CapacityMeasurement[]
  readonly searches: readonly FinishedSearch[]
  readonly counts: readonly TriedCount[]
}
