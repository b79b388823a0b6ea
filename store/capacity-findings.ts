import type { CapacityResult } from '../analysis/capacity/objective/capacity-result.ts'
import type { Plan } from '../analysis/capacity/planning/plan.ts'
import type { CountRow, ValidationRow } from '../analysis/capacity/planning/validation.ts'
import type { ModelScaling } from '../analysis/capacity/scaling/scaling.ts'
import type { CapacityMeasurement } from '../core/capacity.ts'
import type { MachineFacts } from '../core/machine.ts'

/** What `scale --json` prints, also kept as scale.json in the results folder. */
export interface ScaleResult {
  readonly schema: 'forkwise/scale@1'
  readonly id: string
  /** The machine that measured; that which fitted, where the data were measured elsewhere. */
  readonly machine: MachineFacts
  /** Null where nothing was drawn at random: data that were measured elsewhere. */
  readonly seed: number | null
  /** Name of the file that the data were read from; absent where they were measured. */
  readonly readFrom?: string
  /** Calls per second of the bare function; null for workloads that are more than one CPU request. */
  readonly barePerS: number | null
  readonly models: readonly ModelScaling[]
}

/** What `plan --json` prints, also kept as plan.json in the results folder. */
export interface PlanResult extends Plan {
  readonly confirmations: readonly Confirmation[]
}

/** What `validate-plan --json` prints, also kept as validation.json in the results folder. */
export interface ValidationResult {
  readonly schema: 'forkwise/validation@1'
  readonly id: string
  readonly seed: number
  /** Held-out measurements of a real model beside their predictions. */
  readonly rows: readonly ValidationRow[]
  /** Planned worker counts beside those that virtual servers needed. */
  readonly counts: readonly CountRow[]
  /** True when all that was to be tried was tried and met its goal. */
  readonly passed: boolean
  /** False when something could not be held against its prediction; the notes say what. Absent in results of before 2026-11-25. */
  readonly complete?: boolean
  readonly notes: readonly string[]
}

/** One machine of a plan in a real run, at its share of the rate. */
export interface Confirmation {
  readonly model: string
  readonly workers: number
  readonly ratePerS: number
  readonly latency: readonly ConfirmedLatency[]
  readonly met: boolean
  readonly missed: readonly string[]
  /** Why the run cannot be trusted; empty = it can. */
  readonly faults: readonly string[]
}

/** A predicted statistic and what it was. */
export interface ConfirmedLatency {
  readonly name: string
  readonly predictedS: number
  readonly measuredS: number | null
}

/** All that a folder of `scale`, `capacity`, `plan` or `validate-plan` holds, ready to be reported. */
export interface CapacityFindings {
  /** Name of the run, mostly that of its folder. */
  readonly id: string
  readonly machine: Partial<MachineFacts>
  readonly scale: Pick<ScaleResult, 'seed' | 'models' | 'readFrom'> | null
  readonly capacity: CapacityResult | null
  readonly plan: PlanResult | null
  readonly validation: Pick<ValidationResult, 'rows' | 'counts' | 'passed' | 'complete' | 'notes'> | null
  /** The raw measurements, from which the band of a scaling law is drawn. */
  readonly measurements: readonly CapacityMeasurement[]
  /** What is to be known about the files themselves, in sentences; absent where they were not read from a folder. */
  readonly notes?: readonly string[]
}

/** A table of findings, for HTML and Markdown alike. */
export interface FindingsTable {
  readonly title: string
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns (from 0) that hold sentences. */
  readonly sentences?: readonly number[]
}
