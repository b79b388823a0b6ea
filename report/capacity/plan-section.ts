import type { ModelPlan } from '../../analysis/capacity/planning/plan.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { boundsOf } from '../../core/estimate.ts'
import { formatDuration, formatRate } from '../../core/quantities.ts'
import { type Bar, intervalBars } from '../html/charts/bars.ts'
import { LINE_FRAME, linePlot } from '../html/charts/lines.ts'
import { linearScale, tickLabel } from '../html/charts/scale.ts'
import { type Section, slug } from '../html/context.ts'
import { figure, tableOf } from '../html/figure.ts'
import { markup, type Markup, prose } from '../html/markup.ts'
import { lookOf } from '../html/palette.ts'
import { rateFacets } from './plan-rates.ts'
import { confirmationSentence } from './confirmation.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { planSentence, planTable, whatIfTable } from './tables.ts'

type FoundPlan = NonNullable<CapacityFindings['plan']>

/** The answer of a plan in words, predicted latency and utilisation, what-ifs and what becomes of it when a part is lost. */
export function planSection({ plan }: CapacityFindings): Section | null {
  if (plan === null) return null
  const { request, plannedPerS, models, confirmations } = plan
  const names = models.map(({ model }) => model)
  return {
    id: 'plan',
    title: `For ${formatRate(plannedPerS)} within ${request.slo.text}`,
    short: 'Plan',
    body: markup`<ul class="sentences">${models.map((model) => markup`<li>${prose(planSentence(model), names)}${extrapolated(model)}</li>\n`)}</ul>
${confirmations.map((each) => markup`<p class="banner ${each.met ? '' : 'bad'}">${prose(confirmationSentence(each))}</p>`)}
${tableOf(planTable(plan), 'Answers of each model')}
<div class="facets">${[latencyFacet(plan), loadFacet(plan), rateFacets(plan), growthFacet(plan)]}</div>
${models.filter(({ server }) => server !== null).map((model, place) => whatIf(model, place))}`,
  }
}

function extrapolated({ server }: ModelPlan): Markup | null {
  return server === null || server.extrapolations.length === 0
    ? null
    : markup` <small>Extrapolated: ${server.extrapolations.join('; ')}.</small>`
}

function latencyFacet({ models, request }: FoundPlan): (Markup | null)[] {
  return request.slo.latency.map((goal, index) => {
    const bars = models.flatMap((model, place): Bar[] => {
      const latencyS = model.server?.prediction.latency[index]?.latencyS
      if (latencyS === undefined || boundsOf(latencyS)[1] === null) return []
      return [
        {
          name: model.model,
          look: lookOf(place),
          estimate: latencyS.estimate * 1000,
          interval: [latencyS.low * 1000, latencyS.high * 1000],
          values: [],
          label: formatDuration(latencyS.estimate),
          title: `${model.model}: ${goal.name} ${formatDuration(latencyS.estimate)}, at most ${formatDuration(latencyS.high)}`,
        },
      ]
    })
    if (bars.length === 0) return null
    const id = `plan-latency-${slug(goal.name, index)}`
    return figure({
      id,
      title: `Predicted ${goal.name}`,
      note: `wanted below ${formatDuration(goal.limitS)}; lines end where it lies below 95 % of the time`,
      svg: intervalBars(
        id,
        `Predicted ${goal.name} of each model; the table below has the figures.`,
        'milliseconds',
        bars,
      ),
      table: { headings: ['model', goal.name], rows: bars.map(({ name, title }) => [name, title]) },
    })
  })
}

function loadFacet({ models }: FoundPlan): Markup | null {
  const bars = models.flatMap(({ model, server }, place): Bar[] =>
    server === null
      ? []
      : [
          {
            name: model,
            look: lookOf(place),
            estimate: server.prediction.load * 100,
            interval: null,
            values: [],
            label: percent(server.prediction.load),
            title: `${model}: ${percent(server.prediction.load)} of what the server can do`,
          },
        ],
  )
  if (bars.length === 0) return null
  return figure({
    id: 'plan-load',
    title: 'Utilisation',
    note: 'rate over what the planned server can do at most; a plan stays at 80 % or below',
    svg: intervalBars(
      'plan-load',
      'Utilisation of each planned server; the table below has the figures.',
      'per cent',
      bars,
    ),
    table: { headings: ['model', 'load'], rows: bars.map(({ name, label }) => [name, label]) },
  })
}

/** How many machines it takes as the rate grows; null where no growth was asked about. */
function growthFacet({ models }: FoundPlan): Markup | null {
  const grown = models.flatMap(({ model, server, growth }, place) => {
    if (server === null || growth.length === 0) return []
    const later = growth.flatMap(({ years, machines }) => (machines === null ? [] : [{ x: years, y: machines }]))
    return [{ model, look: lookOf(place), points: [{ x: 0, y: server.machines }, ...later] }]
  })
  if (grown.length === 0) return null
  const points = grown.flatMap((each) => each.points)
  const id = 'plan-growth'
  return figure({
    id,
    title: 'Machines over time',
    note: 'for the rate as it grows; looked at now and at the dots',
    svg: linePlot(
      id,
      'Machines that each model needs over the years; the table below has the figures.',
      {
        x: linearScale([0, Math.max(...points.map(({ x }) => x))], [LINE_FRAME.left + 8, LINE_FRAME.right - 8]),
        y: linearScale([0, Math.max(...points.map(({ y }) => y))], [LINE_FRAME.bottom, LINE_FRAME.top]),
        xLabel: 'years from now',
        yLabel: 'machines',
        xFormat: tickLabel,
        yFormat: tickLabel,
      },
      grown.map(({ model, look, points: own }) => ({
        name: model,
        look,
        points: own,
        marks: own.map(({ x, y }) => ({ x, y, title: `${model}, in ${x} years: ${y} machines` })),
      })),
    ),
    table: {
      headings: ['model', 'years', 'machines'],
      rows: grown.flatMap(({ model, points: own }) => own.map(({ x, y }) => [model, String(x), String(y)])),
    },
  })
}

function whatIf(model: ModelPlan, place: number): Markup {
  const { bestMeasurement, assumptions } = model
  return markup`<h3 id="what-if-${slug(model.model, place)}">${model.model}: what if</h3>
${tableOf(whatIfTable(model), `${model.model}: what if`)}
${bestMeasurement === null ? null : markup`<p>To narrow it: ${prose(bestMeasurement.advice)}${bestMeasurement.share === 0 ? '' : ` (${percent(bestMeasurement.share)} of the uncertainty)`}.</p>`}
<details><summary>What is assumed</summary><ul class="notes">${assumptions.map((line) => markup`<li>${prose(line)}</li>`)}</ul></details>`
}
