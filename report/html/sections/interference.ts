import { figureText, msFigure } from '../../figures.ts'
import type { ResultCell } from '../../../core/records.ts'
import { dumbbells } from '../charts/dumbbells.ts'
import { lookFor, type ReportContext, type Section, slug } from '../context.ts'
import { figure } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'

/** What the requests of a mix do to each other: each route's latency, model by model. */
export function interferenceSection(context: ReportContext): Section | null {
  const mixes = context.workloads.filter(({ cells }) => cells.some(({ cell }) => cell.routes.length > 1))
  if (mixes.length === 0) return null
  return {
    id: 'interference',
    title: 'What the requests of a mix do to each other',
    short: 'Mix',
    body: markup`<p class="lead">Computing on the event loop delays every other request of the same process. Rings are medians, discs the 99th percentiles: the longer the line, the more a route suffers from the rest of the mix.</p>
<div class="facets">${mixes.map(({ workload, latencyRate, cells }, place) =>
      facet(
        context,
        workload,
        latencyRate,
        cells.map(({ cell }) => cell),
        place,
      ),
    )}</div>`,
  }
}

function facet(
  context: ReportContext,
  workload: string,
  latencyRate: string | null,
  cells: readonly ResultCell[],
  place: number,
): Markup {
  const id = `interference-${slug(workload, place)}`
  const routes = [...new Set(cells.flatMap((cell) => cell.routes.map(({ route }) => route)))]
  const found = routes.flatMap((route) =>
    cells.flatMap((cell) => {
      const latency = cell.routes.find((each) => each.route === route)?.latencyMs
      return latency === undefined ? [] : [{ route, model: cell.model, latency }]
    }),
  )
  const groups = routes.map((route) => ({
    title: `requests to ${route}`,
    rows: found.flatMap(({ route: of, model, latency: { p50, p99 } }) => {
      if (of !== route || p50 === null || p99 === null) return []
      const [median, tail] = [figureText(msFigure(p50)), figureText(msFigure(p99))]
      return [
        {
          name: model,
          look: lookFor(context, model),
          median: p50,
          tail: p99,
          label: tail,
          title: `${model}, ${route}: p50 ${median}, p99 ${tail}`,
        },
      ]
    }),
  }))
  return figure({
    id,
    title: workload,
    note: latencyRate === null ? null : `at ${latencyRate}; the figure on the right is the p99`,
    svg: dumbbells(
      id,
      `Median and 99th percentile of each route of ${workload}, model by model; the table below has the figures.`,
      groups,
    ),
    table: {
      headings: ['model', 'route', 'p50', 'p90', 'p99', 'max', 'requests'],
      rows: found.map(({ route, model, latency }) => [
        model,
        route,
        ...[latency.p50, latency.p90, latency.p99, latency.max].map((ms) =>
          figureText(ms === null ? null : msFigure(ms)),
        ),
        String(latency.count),
      ]),
    },
  })
}
