import type { CapacityResult, ModelCapacity } from '../../analysis/capacity/objective/capacity-result.ts'
import { formatDuration, formatRate, significant } from '../../core/quantities.ts'
import { LINE_FRAME, type Line, linePlot } from '../html/charts/lines.ts'
import { fittingScale, linearScale, tickLabel } from '../html/charts/scale.ts'
import { legend, type Section, slug } from '../html/context.ts'
import { figure, tableOf } from '../html/figure.ts'
import { markup, type Markup, prose, sentenceOf } from '../html/markup.ts'
import { lookOf } from '../html/palette.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { capacitySentence, ratesTable, searchTable } from './tables.ts'

/** Latency and CPU against the rate, with the objective and the bounds that a search found. */
export function ratesSection({ capacity }: CapacityFindings): Section | null {
  if (capacity === null || capacity.models.length === 0) return null
  const { models, slo } = capacity
  return {
    id: 'rates',
    title: `What is possible within ${slo.text}`,
    short: 'Capacity',
    body: markup`<ul class="sentences">${models.map((model) => {
      const [first = '', ...rest] = capacitySentence(model, slo).split('; ')
      return markup`<li>${prose(`${first}.`)} <small>${prose(sentenceOf(rest.join('; '), [model.model]))}</small></li>\n`
    })}</ul>
<p class="lead">Latency from the intended start of each request, in open loops. The horizontal line is the objective, the vertical ones are the highest rate that met it and the lowest that did not.</p>
${legend(new Map(QUANTILES.map((key, index) => [key, lookOf(index)])))}<div class="facets">${models.map((model, place) => [latencyFacet(model, slo, place), cpuFacet(model, place)])}</div>
${models.map((model) => [
  markup`<details><summary>${model.model}: every trial of the search</summary>${tableOf(searchTable(model), `Trials of the search with ${model.model}`)}</details>`,
  model.notes.length === 0
    ? null
    : markup`<ul class="notes">${model.notes.map((note) => markup`<li>${prose(note)}</li>`)}</ul>`,
])}`,
  }
}

const QUANTILES = ['p50', 'p95', 'p99'] as const

function latencyFacet(model: ModelCapacity, slo: CapacityResult['slo'], place: number): Markup {
  const id = `rates-${slug(`${model.model}-${model.workload}`, place)}`
  const goals = slo.latency.map(({ name, limitS }) => ({
    y: limitS * 1000,
    label: `${name} < ${formatDuration(limitS)}`,
  }))
  const lines: Line[] = QUANTILES.map((key, index) => {
    const points = model.rates.flatMap(({ ratePerS, latencyMs }) => {
      const ms = latencyMs[key]
      return ms === null ? [] : [{ x: ratePerS, y: ms }]
    })
    const marks = points.map(({ x, y }) => ({ x, y, title: `${key} at ${formatRate(x)}: ${significant(y)} ms` }))
    return { name: key, look: lookOf(index), points, marks }
  }).filter(({ points }) => points.length > 0)
  const values = [...lines.flatMap(({ points }) => points.map(({ y }) => y)), ...goals.map(({ y }) => y)]
  const y = fittingScale(values, [LINE_FRAME.bottom, LINE_FRAME.top])
  return figure({
    id,
    title: `${model.model}, ${model.workers} worker${model.workers === 1 ? '' : 's'}`,
    svg: linePlot(
      id,
      `Latency of ${model.model} against the rate, with the objective; the table below has the figures.`,
      {
        x: rateScale(model),
        y,
        xLabel: 'requests per second',
        yLabel: y.log ? 'ms, log' : 'ms',
        xFormat: tickLabel,
        yFormat: tickLabel,
        across: goals,
        down: [
          { x: model.search.passedPerS, label: 'met' },
          { x: model.search.failedPerS, label: model.search.passedPerS === null ? 'missed' : '' },
        ].flatMap(({ x, label }) => (x === null ? [] : [{ x, label }])),
      },
      lines,
    ),
    table: ratesTable(model, slo.text),
  })
}

function cpuFacet(model: ModelCapacity, place: number): Markup | null {
  if (model.rates.length === 0) return null
  const id = `rates-cpu-${slug(`${model.model}-${model.workload}`, place)}`
  const points = model.rates.map(({ ratePerS, cpuCores }) => ({ x: ratePerS, y: cpuCores }))
  const marks = points.map(({ x, y }) => ({ x, y, title: `${formatRate(x)}: ${significant(y)} cores` }))
  return figure({
    id,
    title: `${model.model}: CPU`,
    note:
      model.demand === null
        ? 'of all its processes'
        : `a request costs ${formatDuration(model.demand.demandS.estimate)} of CPU, the slope`,
    svg: linePlot(
      id,
      `CPU of ${model.model} against the rate; the table below has the figures.`,
      {
        x: rateScale(model),
        y: linearScale([0, Math.max(...points.map(({ y }) => y)) || 1], [LINE_FRAME.bottom, LINE_FRAME.top]),
        xLabel: 'requests per second',
        yLabel: 'cores',
        xFormat: tickLabel,
        yFormat: tickLabel,
      },
      [{ name: model.model, look: lookOf(1), points, marks }],
    ),
    table: {
      headings: ['rate/s', 'CPU cores'],
      rows: points.map(({ x, y }) => [formatRate(x), significant(y)]),
    },
  })
}

function rateScale({ rates, search }: ModelCapacity): ReturnType<typeof linearScale> {
  const all = [...rates.map(({ ratePerS }) => ratePerS), search.passedPerS ?? 0, search.failedPerS ?? 0]
  return linearScale([0, Math.max(1, ...all)], [LINE_FRAME.left, LINE_FRAME.right])
}
