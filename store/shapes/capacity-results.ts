import type {
  CapacityResult,
  ModelCapacity,
  SearchedStep,
  SearchSummary,
} from '../../analysis/capacity/objective/capacity-result.ts'
import type { LatencyGoal, Slo } from '../../analysis/capacity/objective/slo.ts'
import type { CountRow, ValidationRow } from '../../analysis/capacity/planning/validation.ts'
import type { DemandFit } from '../../analysis/capacity/scaling/demand.ts'
import type { NeededWorkers } from '../../analysis/capacity/scaling/needed-workers.ts'
import type { OutsidePoint } from '../../analysis/capacity/scaling/outside-data.ts'
import type { ModelScaling, ScalePoint } from '../../analysis/capacity/scaling/scaling.ts'
import type { UslPeak } from '../../analysis/capacity/scaling/usl.ts'
import type { UslCurve } from '../../analysis/capacity/scaling/usl-curve.ts'
import type { Estimate } from '../../core/records.ts'
import type { ScaleResult, ValidationResult } from '../capacity-findings.ts'
import {
  amount,
  constant,
  endless,
  flag,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
} from '../shape.ts'
import { latencySummary } from './load.ts'
import { count, machineFacts } from './run.ts'

/** An estimate with its bounds, which are restored when it is read. */
export const estimate: Shape<Estimate> = object<Estimate>({ estimate: number, low: number, high: number })

/** A service level objective. */
export const slo: Shape<Slo> = object<Slo>({
  text,
  latency: list(object<LatencyGoal>({ name: text, quantile: nullable(number), limitS: amount })),
  errorRatio: nullable(amount),
})

type Usl = NonNullable<ModelScaling['usl']>

const usl: Shape<Usl> = object<Usl>({
  curve: object<UslCurve>({ gammaPerS: number, sigma: number, kappa: number }),
  gammaPerS: nullable(estimate),
  sigma: nullable(estimate),
  kappa: nullable(estimate),
  peak: nullable(object<UslPeak>({ workers: number, throughputPerS: number })),
  peakWorkers: nullable(estimate),
  blocks: count,
  largestMeasured: count,
})

const scalePoint: Shape<ScalePoint> = object<ScalePoint>({
  workers: count,
  throughputPerS: estimate,
  cpuMsPerRequest: nullable(estimate),
  p50Ms: nullable(amount),
  p99Ms: nullable(amount),
  speedup: nullable(number),
  efficiency: nullable(number),
  limit: text,
  because: text,
})

const modelScaling: Shape<ModelScaling> = object<ModelScaling>({
  model: text,
  workload: text,
  node: optional(text),
  axis: optional(constant('concurrency')),
  outside: optional(list(object<OutsidePoint>({ workers: count, throughputPerS: amount, block: count }))),
  points: list(scalePoint),
  usl: nullable(usl),
  uslMissing: nullable(text),
  uslMisses: optional(nullable(number)),
  cores: nullable(count),
  best: count,
  least: count,
  limitedBy: text,
  blocks: count,
  disturbedSlices: count,
  slices: count,
  needed: optional(
    object<NeededWorkers>({
      ratePerS: amount,
      workers: nullable(count),
      throughputPerS: estimate,
      at: count,
      basis: oneOf('measured', 'law'),
      certain: flag,
    }),
  ),
})

/** scale.json. */
export const scaleResult: Shape<ScaleResult> = object<ScaleResult>({
  schema: constant('forkwise/scale@1'),
  id: text,
  machine: machineFacts,
  seed: nullable(number),
  readFrom: optional(text),
  barePerS: nullable(amount),
  models: list(modelScaling),
})

const searchSummary: Shape<SearchSummary> = object<SearchSummary>({
  passedPerS: nullable(amount),
  failedPerS: nullable(amount),
  ended: oneOf('width', 'budget', 'interrupted', 'below-lowest', 'above-highest'),
  exact: flag,
  trials: count,
  tookS: amount,
  budgetS: amount,
  steps: list(object<SearchedStep>({ ratePerS: amount, durationS: amount, passed: flag, missed: list(text) })),
})

const modelCapacity: Shape<ModelCapacity> = object<ModelCapacity>({
  model: text,
  workload: text,
  node: optional(text),
  workers: count,
  saturationPerS: estimate,
  demand: nullable(object<DemandFit>({ demandS: estimate, idleCores: estimate, r2: endless, points: count })),
  rates: list(
    object<ModelCapacity['rates'][number]>({
      workers: count,
      ratePerS: amount,
      achievedPerS: amount,
      load: nullable(amount),
      latencyMs: latencySummary,
      cpuCores: number,
      errorRatio: amount,
      met: flag,
      missed: list(text),
      simulatedMs: nullable(amount),
    }),
  ),
  search: searchSummary,
  highestPerS: optional(nullable(estimate)),
  boundBy: text,
  notes: list(text),
})

/** capacity.json. */
export const capacityResult: Shape<CapacityResult> = object<CapacityResult>({
  schema: constant('forkwise/capacity@1'),
  id: text,
  machine: machineFacts,
  seed: number,
  slo,
  models: list(modelCapacity),
})

/** A worker count that was planned and tried out. */
export const countRow: Shape<CountRow> = object<CountRow>({
  routing: text,
  ratePerS: amount,
  objective: text,
  planned: nullable(count),
  needed: count,
  verdict: oneOf('exact', 'one more', 'too many', 'too few', 'no plan'),
})

/** validation.json. */
export const validationResult: Shape<ValidationResult> = object<ValidationResult>({
  schema: constant('forkwise/validation@1'),
  id: text,
  seed: number,
  rows: list(
    object<ValidationRow>({
      what: text,
      workers: count,
      ratePerS: nullable(amount),
      load: endless,
      predicted: endless,
      measured: endless,
      error: endless,
      chance: optional(nullable(number)),
      goal: nullable(number),
      passed: flag,
    }),
  ),
  counts: list(countRow),
  passed: flag,
  complete: optional(flag),
  notes: list(text),
})
