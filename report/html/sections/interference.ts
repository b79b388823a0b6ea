import { figureText, msFigure, NOTHING, rateFigure, ratioFigure } from '../../figures.ts'
import type { Interference, ResultCell } from '../../../core/records.ts'
import { type Dumbbell, dumbbells } from '../charts/dumbbells.ts'
import { lookFor, type ReportContext, type Section, slug } from '../context.ts'
import { figure } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'

/** What the requests of a mix do to each other: each route's latency, model by model, in the mix and alone. */
export function interferenceSection(context: ReportContext): Section | null {
  const mixes = context.workloads.filter(({ cells }) =>
    cells.some(({ cell }) => cell.routes.some(({ latencyMs }) => latencyMs.count > 0) && cell.routes.length > 1),
  )
  if (mixes.length === 0) return null
  return {
    id: 'interference',
    title: 'What the requests of a mix do to each other',
    short: 'Mix',
    body: markup`<p class="lead">Computing on the event loop delays every other request of the same process. Rings are medians, discs the 99th percentiles: the longer the line, the more a route suffers. Ticks mark both for the same request without the rest of the mix, at its own common rate.</p>
<div class="facets">${mixes.map(({ workload, latencyRate, cells }, place) => {
      const rows = cells.flatMap(({ cell }) => rowsOf(context, cell))
      return facet(context, workload, latencyRate, rows, place)
    })}</div>`,
  }
}

/** One route of a mix under one model. */
interface Row {
  readonly model: string
  readonly route: string
  readonly latency: ResultCell['routes'][number]['latencyMs']
  readonly alone: Interference['alone']
}

function rowsOf({ result }: ReportContext, { model, workload, routes }: ResultCell): Row[] {
  return routes.map(({ route, latencyMs }) => {
    const found = result.interference?.find(
      (each) => each.model === model && each.workload === workload && each.route === route,
    )
    return { model, route, latency: latencyMs, alone: found?.alone ?? null }
  })
}

function facet(
  context: ReportContext,
  workload: string,
  latencyRate: string | null,
  rows: readonly Row[],
  place: number,
): Markup {
  const id = `interference-${slug(workload, place)}`
  const routes = [...new Set(rows.map(({ route }) => route))]
  const groups = routes
    .map((route) => ({
      title: `requests to ${route}`,
      rows: rows.filter((row) => row.route === route).flatMap((row) => dumbbellOf(context, row)),
    }))
    .filter((group) => group.rows.length > 0)
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
      headings: [
        'model',
        'route',
        'p50',
        'p90',
        'p99',
        'max',
        'p50 alone',
        'p99 alone',
        'alone at',
        'p99, mix / alone',
        'requests',
      ],
      rows: rows.map(({ model, route, latency, alone }) => [
        model,
        route,
        ...[latency.p50, latency.p90, latency.p99, latency.max, alone?.p50Ms, alone?.p99Ms].map(milliseconds),
        alone === null ? NOTHING : figureText(rateFigure(alone.ratePerS)),
        figureText(alone?.p99Ratio ? ratioFigure(alone.p99Ratio) : null),
        String(latency.count),
      ]),
    },
  })
}

function dumbbellOf(context: ReportContext, { model, route, latency: { p50, p99 }, alone }: Row): Dumbbell[] {
  if (p50 === null || p99 === null) return []
  const tail = figureText(msFigure(p99))
  return [
    {
      name: model,
      look: lookFor(context, model),
      median: p50,
      tail: p99,
      ...(alone?.p50Ms ? { aloneMedian: alone.p50Ms } : {}),
      ...(alone?.p99Ms ? { aloneTail: alone.p99Ms } : {}),
      label: tail,
      title: `${model}, ${route}: p50 ${figureText(msFigure(p50))}, p99 ${tail}; alone ${milliseconds(alone?.p50Ms)} and ${milliseconds(alone?.p99Ms)}`,
    },
  ]
}

function milliseconds(ms: number | null | undefined): string {
  return figureText(ms === null || ms === undefined ? null : msFigure(ms))
}
