import type { ModelPlan, PlannedServer } from '../../analysis/capacity/planning/plan.ts'
import type { Prediction } from '../../analysis/capacity/planning/prediction.ts'
import type { WhatIfRow } from '../../analysis/capacity/planning/plan-tables.ts'
import { boundsOf } from '../../core/estimate.ts'
import type { PlanResult } from '../../store/capacity-findings.ts'
import { csvText } from '../csv.ts'
import { monthlyCost } from './cost.ts'

type Row = Readonly<Record<string, string | number | null>>

/**
 * A plan as CSV: for each model one row for the answer, one for each what-if, and one for each later time, with all digits.
 * Each has the predicted load and latency with its bounds; empty fields are not known.
 */
export function renderPlanCsv(plan: PlanResult): string {
  const rows = plan.models.flatMap((model) => rowsOf(model, plan))
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return csvText([names, ...rows.map((row) => names.map((name) => row[name] ?? null))])
}

function rowsOf({ model, workload, server, outcome, because, whatIf, growth }: ModelPlan, plan: PlanResult): Row[] {
  const about = { model, workload }
  if (server === null)
    return [{ ...about, what: 'as asked', rate_rps: plan.plannedPerS, answer: `${outcome}: ${because}` }]
  const asked = {
    change: 'as asked',
    machines: server.machines,
    workersPerMachine: server.workersPerMachine,
    because: null,
    prediction: server.prediction,
  }
  return [
    { ...about, ...answerOf(asked, server), rate_rps: plan.plannedPerS },
    ...whatIf.map((row) => ({ ...about, ...answerOf(row, server) })),
    ...growth.map((row) => ({ ...about, ...answerOf(row, server), years: row.years, rate_rps: row.ratePerS })),
  ]
}

function answerOf({ change, machines, workersPerMachine, because, prediction }: WhatIfRow, server: PlannedServer): Row {
  return {
    what: change,
    years: null,
    rate_rps: null,
    machines,
    workers_per_machine: workersPerMachine,
    cores_per_machine: server.coresPerMachine,
    cost_per_month: machines === null ? null : monthlyCost(server, machines),
    currency: server.cost?.currency ?? null,
    answer: because ?? server.basis,
    ...(prediction === null || prediction === undefined ? {} : predictedFields(prediction)),
  }
}

function predictedFields({ load, latency }: Prediction): Row {
  const fields = latency.map(({ name, latencyS }): Row => {
    const [low, high] = boundsOf(latencyS)
    return { [`${name}_s`]: latencyS.estimate, [`${name}_s_low`]: low, [`${name}_s_high`]: high }
  })
  return Object.assign({ load }, ...fields) as Row
}
