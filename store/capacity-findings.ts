import type { CapacityResult } from '../analysis/capacity/objective/capacity-result.ts'
import type { Plan } from '../analysis/capacity/planning/plan.ts'
import type { ModelScaling } from '../analysis/capacity/scaling/scaling.ts'
import type { CountRow, ValidationRow } from '../analysis/capacity/planning/validation.ts'
import type { CapacityMeasurement } from '../core/capacity.ts'
import type { MachineFacts } from '../core/machine.ts'

/** All that a folder of `scale`, `capacity`, `plan` or `validate-plan` holds, ready to be reported. */
export interface CapacityFindings {
  /** Name of the run, mostly that of its folder. */
  readonly id: string
  readonly machine: Partial<MachineFacts>
  readonly scale: { readonly seed: number; readonly models: readonly ModelScaling[] } | null
  readonly capacity: CapacityResult | null
  readonly plan: (Plan & { readonly confirmations: readonly ConfirmedPlan[] }) | null
  readonly validation: {
    readonly rows: readonly ValidationRow[]
    readonly counts: readonly CountRow[]
    readonly passed: boolean
    readonly notes: readonly string[]
  } | null
  /** The raw measurements, from which the band of a scaling law is drawn. */
  readonly measurements: readonly CapacityMeasurement[]
}

/** One machine of a plan in a real run. */
export interface ConfirmedPlan {
  readonly model: string
  readonly workers: number
  readonly ratePerS: number
  readonly latency: readonly { readonly name: string; readonly predictedS: number; readonly measuredS: number | null }[]
  readonly met: boolean
  readonly missed: readonly string[]
  readonly faults: readonly string[]
}

/** A table of findings, for HTML and Markdown alike. */
export interface FindingsTable {
  readonly title: string
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns (from 0) that hold sentences. */
  readonly sentences?: readonly number[]
}
