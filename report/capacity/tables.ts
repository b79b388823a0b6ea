import { countText } from '../../analysis/wording.ts'
import { otherNodesText, pythonSentence } from '../../analysis/node-versions.ts'
import type { CapacityResult, ModelCapacity } from '../../analysis/capacity/objective/capacity-result.ts'
import type { ModelPlan, Plan, PlannedServer } from '../../analysis/capacity/planning/plan.ts'
import type { Prediction } from '../../analysis/capacity/planning/prediction.ts'
import type { WhatIfRow } from '../../analysis/capacity/planning/plan-tables.ts'
import type { ModelScaling } from '../../analysis/capacity/scaling/scaling.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { boundsOf } from '../../core/estimate.ts'
import { formatCount, formatDuration, formatRate, significant } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'
import { NOTHING } from '../figures.ts'
import { costPerMillionText, monthlyCostText } from './cost.ts'
import { upperText } from './sentences.ts'
import type { CapacityFindings, FindingsTable } from '../../store/capacity-findings.ts'

/** Throughput, its growth, cost and limit for each worker count. */
export function scalingTable(scaling: ModelScaling): FindingsTable {
  return {
    title: `${scaling.model}, ${scaling.workload}`,
    headings: [
      scaling.axis ?? 'workers',
      'requests/s',
      '× one',
      'CPU per request',
      'p50',
      'p99',
      'efficiency',
      'limited by',
    ],
    rows: scaling.points.map((point) => [
      String(point.workers),
      withInterval(point.throughputPerS, formatCount),
      point.speedup === null ? NOTHING : significant(point.speedup),
      point.cpuMsPerRequest === null ? NOTHING : withInterval(point.cpuMsPerRequest, (ms) => `${significant(ms)} ms`),
      milliseconds(point.p50Ms),
      milliseconds(point.p99Ms),
      point.efficiency === null ? NOTHING : percent(point.efficiency),
      point.limit,
    ]),
  }
}

/** Latency, CPU and the objective for each rate. */
export function ratesTable(model: ModelCapacity, objective: string): FindingsTable {
  return {
    title: `${model.model}: latency against rate`,
    headings: ['rate/s', 'load', 'p50', 'p90', 'p95', 'p99', 'simulated', 'CPU cores', 'failed', objective],
    rows: model.rates.map((row) => [
      formatCount(row.ratePerS),
      row.load === null ? NOTHING : percent(row.load),
      milliseconds(row.latencyMs.p50),
      milliseconds(row.latencyMs.p90),
      milliseconds(row.latencyMs.p95),
      milliseconds(row.latencyMs.p99),
      milliseconds(row.simulatedMs),
      significant(row.cpuCores),
      percent(row.errorRatio),
      row.met ? 'met' : `missed: ${row.missed.join('; ')}`,
    ]),
    sentences: [9],
  }
}

/** The trials of a search, in their order. */
export function searchTable({ model, search }: ModelCapacity): FindingsTable {
  return {
    title: `${model}: trials of the search`,
    headings: ['rate/s', 'time', 'outcome'],
    rows: search.steps.map(({ ratePerS, durationS, passed, missed }) => [
      formatCount(ratePerS),
      formatDuration(durationS),
      passed ? 'met' : `missed: ${missed.join('; ')}`,
    ]),
    sentences: [2],
  }
}

/** The answer of each model of a plan. */
export function planTable({ models }: Plan): FindingsTable {
  return {
    title: 'Answers',
    headings: [
      'model',
      'workload',
      'machines',
      'workers each',
      'load',
      'latency (at most)',
      'cost per million',
      'cost a month',
      'basis',
    ],
    rows: models.map(({ model, workload, server, outcome }) => {
      if (server === null) return [model, workload, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, outcome]
      const { prediction } = server
      return [
        model,
        workload,
        String(server.machines),
        String(server.workersPerMachine),
        percent(prediction.load),
        latencyText(prediction),
        costPerMillionText(server) ?? NOTHING,
        monthlyCostText(server, server.machines).replace(/ a month$/, '') || NOTHING,
        server.basis,
      ]
    }),
  }
}

/** What becomes of a planned server under changes, losses and growth. */
export function whatIfTable({ model, server, whatIf, losses, growth }: ModelPlan): FindingsTable {
  return {
    title: `${model}: what if`,
    headings: ['what if', 'answer', 'latency (at most)'],
    rows: [
      ...losses.map(({ lost, holds, because, prediction }) => [
        `a ${lost} is lost (N−1)`,
        `${holds ? 'holds' : 'does not hold'}: ${because}`,
        latencyText(prediction),
      ]),
      ...whatIf.map((row) => [row.change, answerText(row, server), latencyText(row.prediction)]),
      ...growth.map((row) => [
        `${row.change}: ${formatRate(row.ratePerS)}`,
        answerText(row, server),
        latencyText(row.prediction),
      ]),
    ],
    sentences: [1],
  }
}

/** Predictions beside what was measured. */
export function validationTables({ rows, counts }: NonNullable<CapacityFindings['validation']>): FindingsTable[] {
  const held: FindingsTable = {
    title: 'Held-out measurements',
    headings: ['what', 'workers', 'rate/s', 'load', 'predicted', 'measured', 'error', 'by chance', 'goal'],
    rows: rows.map((row) => {
      const write = row.ratePerS === null ? formatRate : formatDuration
      return [
        row.what,
        String(row.workers),
        row.ratePerS === null ? NOTHING : significant(row.ratePerS),
        percent(row.load),
        write(row.predicted),
        write(row.measured),
        `${row.error < 0 ? '−' : '+'}${percent(Math.abs(row.error))}`,
        chanceText(row.chance ?? null),
        row.goal === null ? 'not judged' : `${row.passed ? 'met' : 'missed'} (${percent(row.goal)})`,
      ]
    }),
  }
  const planned: FindingsTable = {
    title: 'Worker counts of virtual servers',
    headings: ['routing', 'rate/s', 'objective', 'planned', 'needed', 'verdict'],
    rows: counts.map((row) => [
      row.routing,
      formatCount(row.ratePerS),
      row.objective,
      row.planned === null ? 'none' : String(row.planned),
      String(row.needed),
      row.verdict,
    ]),
  }
  return [held, planned].filter((table) => table.rows.length > 0)
}

/** How far off a right prediction would be by chance alone; results of older versions do not say. */
export function chanceText(chance: number | null | undefined): string {
  return chance === null || chance === undefined ? 'not known' : `±${percent(chance)}`
}

/** What was found of one model within the objective, in one sentence. */
export function capacitySentence(capacity: ModelCapacity, slo: CapacityResult['slo']): string {
  const { model, workload, workers, search, highestPerS, boundBy } = capacity
  const who = `${model} with ${countText(workers, 'worker')}, ${workload}`
  const { passedPerS, failedPerS, exact } = search
  if (passedPerS === null) {
    return search.ended === 'below-lowest'
      ? `${who}: no rate meets ${slo.text}; ${formatRate(failedPerS ?? 0)} does not; bound by ${boundBy}.`
      : `${who}: no rate was confirmed to meet ${slo.text} within the time; bound by ${boundBy}.`
  }
  const together =
    highestPerS === null || highestPerS === undefined
      ? ''
      : `; by all trials together it is met up to ${withInterval(highestPerS, formatRate)}`
  return `${who}: ${formatRate(passedPerS)} meets ${slo.text}; ${upperText(capacity)}${exact ? '' : ' (the bounds are not close yet)'}${together}; bound by ${boundBy}.`
}

/** The answer for one model of a plan, in one sentence. */
export function planSentence({ model, server, outcome, because }: ModelPlan): string {
  if (server !== null) return `${model}: ${because}; ${server.basis}.`
  return `${model}: ${outcome === 'impossible' ? 'impossible' : 'no answer'}: ${because}.`
}

/** A quantity with its interval, `851 (825–877)`; the interval is `–` where it is not known. */
export function withInterval(estimate: Estimate, write: (value: number) => string): string {
  const [low, high] = boundsOf(estimate)
  const interval =
    low !== null && high !== null
      ? `${write(low)}–${write(high)}`
      : low !== null
        ? `≥ ${write(low)}`
        : high === null
          ? NOTHING
          : `≤ ${write(high)}`
  return `${write(estimate.estimate)} (${interval})`
}

/** Where a machine is named in words. */
export function machineSentence({ machine, measurements, scale }: CapacityFindings): string {
  if (scale?.readFrom !== undefined) return `measured elsewhere, read from ${scale.readFrom}`
  return [
    machine.cpu,
    machine.cores === undefined ? undefined : `${machine.cores} cores`,
    machine.node === undefined ? undefined : `Node ${nodeWords(machine.node, measurements)}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}

/**
 * The Node of a run, which models ran on another one, and which on a Python that was named: `v20.20.2; watt ran on Node
 * v24.21.0`; undefined when unknown.
 */
export function nodeWords(
  usual: string | undefined,
  measurements: CapacityFindings['measurements'],
): string | undefined {
  if (usual === undefined) return undefined
  const others = otherNodesText(
    measurements.map(({ model, node }) => ({ id: model, node })),
    usual,
  )
  const pythons = pythonSentence(measurements.map(({ model, python }) => ({ id: model, python })))
  return [usual, others, pythons?.replace(/\.$/, '') ?? ''].filter((text) => text !== '').join('; ')
}

function milliseconds(ms: number | null): string {
  return ms === null ? NOTHING : `${significant(ms)} ms`
}

/** The answer to a what-if, or what is needed later, with what it costs where there is a price. */
export function answerText(row: WhatIfRow, server: PlannedServer | null): string {
  if (row.machines === null || row.workersPerMachine === null) return row.because ?? NOTHING
  const workers = countText(row.workersPerMachine, 'worker')
  const size =
    row.machines === 1 ? `${workers} on one machine` : `${formatCount(row.machines)} machines with ${workers} each`
  const cost = server === null ? '' : monthlyCostText(server, row.machines)
  return cost === '' ? size : `${size}, ${cost}`
}

/**
 * Predicted latencies with their upper bounds, like `p99 69 ms (117 ms)`, with words before the bound if given; `–` where
 * nothing is predicted or it has no end.
 */
export function latencyText(prediction: Prediction | null | undefined, before = ''): string {
  if (prediction === null || prediction === undefined || prediction.overloaded) return NOTHING
  return prediction.latency
    .map(
      ({ name, latencyS }) =>
        `${name} ${formatDuration(latencyS.estimate)} (${before}${formatDuration(latencyS.high)})`,
    )
    .join(', ')
}
