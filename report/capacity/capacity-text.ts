import type { CapacityResult, ModelCapacity } from '../../analysis/capacity/objective/capacity-result.ts'
import type { RateRow } from '../../analysis/capacity/objective/rate-table.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { formatCount, formatDuration, formatRate, significant } from '../../core/quantities.ts'
import type { TextStyle } from '../text.ts'
import { upperText } from './sentences.ts'
import { alignedTable } from '../table.ts'
import { intervalText, nodeText } from './table.ts'

/** What each model can do within an objective, as text. */
export function capacityText(result: CapacityResult, style: TextStyle): string {
  return result.models.map((model) => modelText(model, result.slo.text, style)).join('\n\n')
}

function modelText(model: ModelCapacity, objective: string, style: TextStyle): string {
  const { search, demand, saturationPerS, highestPerS } = model
  const heading = [
    'rate/s',
    'load',
    'p50 ms',
    'p90 ms',
    'p95 ms',
    'p99 ms',
    'simulated',
    'CPU cores',
    'failed',
    objective,
  ]
  const [head = '', ...rows] = alignedTable([heading, ...model.rates.map((row) => cellsOf(row, model))], { left: 0 })
  return [
    style(
      'strong',
      `${model.model}, ${model.workload}, ${model.workers} worker${model.workers === 1 ? '' : 's'}${nodeText(model)}`,
    ),
    style(search.passedPerS === null ? 'bad' : 'good', answerOf(model, objective)),
    ...(highestPerS === undefined
      ? []
      : highestPerS === null
        ? ['All trials together do not determine the highest rate, not even within 30 %: give more time for that.']
        : [
            `By all trials together it is met up to ${formatRate(highestPerS.estimate)} (95 % interval ${intervalText(highestPerS, formatCount)}).`,
          ]),
    `Bound by ${model.boundBy}.`,
    style('faint', head),
    ...rows,
    `Saturation ${formatRate(saturationPerS.estimate)} (95 % interval ${intervalText(saturationPerS, formatCount)}).` +
      (demand === null
        ? ''
        : ` A request costs ${formatDuration(demand.demandS.estimate)} of CPU (${formatDuration(demand.demandS.low)}–${formatDuration(demand.demandS.high)}), from ${demand.points} slices.`),
    ...model.notes,
  ].join('\n')
}

function answerOf(model: ModelCapacity, objective: string): string {
  const { search } = model
  const { passedPerS, failedPerS, ended, exact } = search
  const spent = `${search.trials} trials, ${formatDuration(search.tookS)} of ${formatDuration(search.budgetS)}`
  if (passedPerS === null) {
    return ended === 'below-lowest'
      ? `No rate meets ${objective}: ${formatRate(failedPerS ?? 0)} does not (${spent}).`
      : `No rate was confirmed to meet ${objective} within the budget (${spent}).`
  }
  if (ended === 'above-highest')
    return `${formatRate(passedPerS)} meets ${objective}, the highest rate tried (${spent}).`
  const sure = exact ? '' : '; the budget ended before the bounds were close'
  return `${formatRate(passedPerS)} meets ${objective}; ${upperText(model)} (${spent})${sure}.`
}

function cellsOf(row: RateRow & { readonly simulatedMs: number | null }, { search }: ModelCapacity): string[] {
  const { p50, p90, p95, p99 } = row.latencyMs
  const ms = (value: number | null): string => (value === null ? '–' : significant(value))
  const isAnswer = row.ratePerS === search.passedPerS
  const most = isAnswer && !row.met ? ' by all trials together, though most of them met it' : ''
  const mark = row.met ? '✓' : `✗ ${row.missed.join('; ')}${most}`
  return [
    formatCount(row.ratePerS),
    row.load === null ? '–' : percent(row.load),
    ms(p50),
    ms(p90),
    ms(p95),
    ms(p99),
    ms(row.simulatedMs),
    significant(row.cpuCores),
    percent(row.errorRatio),
    `${mark}${isAnswer ? ' ←' : ''}`,
  ]
}
