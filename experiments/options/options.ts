import type { OptionsOf, SettingsOf } from './option.ts'
import type { COMPARE } from './sets/comparison.ts'
import type { FAIRNESS } from './sets/fairness.ts'
import type { OBSERVE, SERVE } from './sets/live.ts'
import type { DRILL } from './sets/drill.ts'
import type { LAB } from './sets/lab.ts'
import type { LOAD } from './sets/load.ts'
import type { HIGHEST_RATE, PLAN, SCALE, VALIDATE_PLAN } from './sets/measuring.ts'
import type { RESILIENCE } from './sets/resilience.ts'

/** Options of a comparison. */
export type CompareOptions = OptionsOf<typeof COMPARE>

/** The same, checked and read. */
export type CompareSettings = SettingsOf<typeof COMPARE>

/** Options of a scaling run. */
export type ScaleOptions = OptionsOf<typeof SCALE>

/** Options of a search for the highest rate. */
export type HighestRateOptions = OptionsOf<typeof HIGHEST_RATE>

/** Options of a plan of servers. */
export type PlanOptions = OptionsOf<typeof PLAN>

/** Options of a validation of the planner. */
export type ValidationOptions = OptionsOf<typeof VALIDATE_PLAN>

/** Options of a run with faults. */
export type ResilienceOptions = OptionsOf<typeof RESILIENCE>

/** Options of a server that is watched while it runs. */
export type ObserveOptions = OptionsOf<typeof OBSERVE>

/** Options of a server that only runs. */
export type ServeOptions = OptionsOf<typeof SERVE>

/** Options of a run of the generator alone. */
export type LoadOptions = OptionsOf<typeof LOAD>

/** Options of a measurement of routing. */
export type FairnessOptions = OptionsOf<typeof FAIRNESS>

/** Options of a lab. */
export type LabOptions = OptionsOf<typeof LAB>

/** Options of a drill. */
export type DrillOptions = OptionsOf<typeof DRILL>
