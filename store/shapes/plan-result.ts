import type { Cost, ModelPlan, PlannedServer } from '../../analysis/capacity/planning/plan.ts'
import type { Growth, PlanRequest, Price } from '../../analysis/capacity/planning/plan-request.ts'
import type { GrowthRow, LossRow, WhatIfRow } from '../../analysis/capacity/planning/plan-tables.ts'
import type { PredictedLatency, Prediction } from '../../analysis/capacity/planning/prediction.ts'
import type { RatePoint } from '../../analysis/capacity/planning/rate-curve.ts'
import type { BestMeasurement } from '../../analysis/capacity/planning/sensitivity.ts'
import type { ModelError, Residual } from '../../analysis/capacity/service/model-error.ts'
import type { Confirmation, ConfirmedLatency, PlanResult } from '../capacity-findings.ts'
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
import { estimate, slo } from './capacity-results.ts'
import { count } from './run.ts'

const request: Shape<PlanRequest> = object<PlanRequest>({
  ratePerS: amount,
  slo,
  cores: nullable(count),
  growth: nullable(object<Growth>({ ratio: number, per: oneOf('week', 'month', 'quarter', 'year') })),
  headroom: number,
  price: nullable(object<Price>({ perCoreHour: amount, currency: text })),
})

const prediction: Shape<Prediction> = object<Prediction>({
  load: endless,
  workerLoad: endless,
  coreLoad: endless,
  latency: list(object<PredictedLatency>({ name: text, latencyS: estimate })),
  overloaded: flag,
  extrapolated: flag,
})

const server: Shape<PlannedServer> = object<PlannedServer>({
  machines: count,
  workersPerMachine: count,
  workers: count,
  coresPerMachine: count,
  prediction,
  basis: oneOf('measured', 'extrapolated'),
  extrapolations: list(text),
  cost: nullable(object<Cost>({ perMillionRequests: endless, perHour: endless, currency: text })),
})

const WHAT_IF = {
  change: text,
  machines: nullable(count),
  workersPerMachine: nullable(count),
  because: nullable(text),
  prediction: optional(nullable(prediction)),
} as const

const modelPlan: Shape<ModelPlan> = object<ModelPlan>({
  model: text,
  workload: text,
  node: optional(text),
  outcome: oneOf('server', 'impossible', 'refused'),
  because: text,
  server: nullable(server),
  losses: list(
    object<LossRow>({ lost: oneOf('worker', 'machine'), holds: flag, prediction: nullable(prediction), because: text }),
  ),
  whatIf: list(object<WhatIfRow>(WHAT_IF)),
  growth: list(object<GrowthRow>({ ...WHAT_IF, years: number, ratePerS: endless })),
  rates: optional(list(object<RatePoint>({ ratePerS: endless, prediction }))),
  bestMeasurement: nullable(
    object<BestMeasurement>({
      what: oneOf('busy-time', 'scaling', 'model-error', 'none'),
      advice: text,
      share: endless,
      workersThen: nullable(count),
    }),
  ),
  modelErrors: list(
    object<ModelError>({
      goal: text,
      residuals: list(object<Residual>({ load: endless, workers: count, log: endless, variance: endless })),
    }),
  ),
  assumptions: list(text),
})

const confirmation: Shape<Confirmation> = object<Confirmation>({
  model: text,
  workers: count,
  ratePerS: amount,
  latency: list(object<ConfirmedLatency>({ name: text, predictedS: endless, measuredS: nullable(amount) })),
  met: flag,
  missed: list(text),
  faults: list(text),
})

/** plan.json. */
export const planResult: Shape<PlanResult> = object<PlanResult>({
  schema: constant('forkwise/plan@1'),
  request,
  plannedPerS: amount,
  models: list(modelPlan),
  confirmations: list(confirmation),
})
