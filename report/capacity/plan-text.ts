import type { ModelPlan, PlannedServer } from '../../analysis/capacity/planning/plan.ts'
import type { WhatIfRow } from '../../analysis/capacity/planning/plan-tables.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { countText } from '../../analysis/wording.ts'
import { formatDuration, formatRate } from '../../core/quantities.ts'
import { NOTHING } from '../figures.ts'
import type { TextStyle } from '../text.ts'
import type { Confirmation, PlanResult } from '../../store/capacity-findings.ts'
import { alignedTable } from '../table.ts'
import { costPerMillionText, monthlyCostText } from './cost.ts'
import { nodeText } from './table.ts'
import { answerText, latencyText } from './tables.ts'

/** A plan and what a real run said of it, as text: the answer first, then what it rests on. */
export function planText(plan: PlanResult, style: TextStyle): string {
  const { request, plannedPerS, models, confirmations } = plan
  const headroom =
    request.headroom === 0 ? '' : ` (${formatRate(request.ratePerS)} with ${percent(request.headroom)} headroom)`
  const heading = `${formatRate(plannedPerS)}${headroom} within ${request.slo.text}`
  return [
    style('strong', heading),
    ...summaryTable(models, style),
    ...models.map((model) =>
      modelText(
        model,
        confirmations.find((each) => each.model === model.model),
        style,
      ),
    ),
  ].join('\n')
}

/** Columns that only a plan with a price has. */
const COSTS = ['cost per million', 'a month']

function summaryTable(models: readonly ModelPlan[], style: TextStyle): string[] {
  const priced = models.some(({ server }) => server !== null && server.cost !== null)
  const heading = [
    'model',
    'machines',
    'workers each',
    'load',
    'latency (at most)',
    'cost per million',
    'a month',
    'basis',
  ]
  const rows = models.map((model) => {
    const { server } = model
    if (server === null) return [model.model, '–', '–', '–', '–', '–', '–', model.outcome]
    const { prediction } = server
    return [
      model.model,
      String(server.machines),
      String(server.workersPerMachine),
      percent(prediction.load),
      latencyText(prediction),
      costPerMillionText(server) ?? '–',
      monthlyCostText(server, server.machines).replace(/ a month$/, '') || '–',
      server.basis,
    ]
  })
  const shown = [heading, ...rows].map((row) =>
    row.filter((_, column) => priced || !COSTS.includes(heading[column] ?? '')),
  )
  const [head = '', ...lines] = alignedTable(shown)
  return [style('faint', head), ...lines]
}

function modelText(model: ModelPlan, confirmation: Confirmation | undefined, style: TextStyle): string {
  const lines = ['', style('strong', `${model.model}, ${model.workload}${nodeText(model)}`)]
  if (model.server === null) {
    lines.push(
      style('bad', model.outcome === 'impossible' ? `Impossible: ${model.because}.` : `No answer: ${model.because}`),
    )
    return lines.join('\n')
  }
  const { server } = model
  lines.push(`${model.because}.`)
  for (const reason of model.server.extrapolations) lines.push(style('warn', `Extrapolated: ${reason}.`))
  if (confirmation !== undefined) lines.push(confirmationText(confirmation, style))
  for (const loss of model.losses) lines.push(`Without a ${loss.lost}: ${loss.because}.`)
  lines.push(
    ...alignedTable(
      model.whatIf.map((row) => [`  With ${row.change}`, predictedAnswer(row, server)]),
      { left: 2 },
    ),
  )
  if (model.growth.length > 0) {
    lines.push(
      ...alignedTable(
        model.growth.map((row) => [
          `  ${capitalised(row.change)}: ${formatRate(row.ratePerS)}`,
          predictedAnswer(row, server),
        ]),
        { left: 2 },
      ),
    )
  }
  if (model.bestMeasurement !== null) {
    const { advice, share, workersThen } = model.bestMeasurement
    lines.push(
      `To narrow it: ${advice}` +
        (share === 0
          ? ''
          : ` (${percent(share)} of the uncertainty${workersThen === null ? '' : `; known exactly, ${countText(workersThen, 'worker')} would do`}).`),
    )
  }
  lines.push(...model.assumptions.map((assumption) => style('faint', `Assumed: ${assumption}.`)))
  return lines.join('\n')
}

function predictedAnswer(row: WhatIfRow, server: PlannedServer): string {
  const latency = latencyText(row.prediction, 'at most ')
  return latency === NOTHING ? answerText(row, server) : `${answerText(row, server)}; ${latency}`
}

function confirmationText(confirmation: Confirmation, style: TextStyle): string {
  const { workers, ratePerS, latency, met, missed, faults } = confirmation
  const found = latency
    .map(
      ({ name, measuredS, predictedS }) =>
        `${name} ${measuredS === null ? '–' : formatDuration(measuredS)} (predicted ${formatDuration(predictedS)})`,
    )
    .join(', ')
  const doubt = faults.length === 0 ? '' : ` Not to be trusted: ${faults.join('; ')}.`
  return style(
    met ? 'good' : 'bad',
    `A real run of ${countText(workers, 'worker')} at ${formatRate(ratePerS)} ${met ? 'met it' : `missed it (${missed.join('; ')})`}: ${found}.${doubt}`,
  )
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
