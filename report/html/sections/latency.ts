import type { ResultCell } from '../../../core/records.ts'
import { cellKey } from '../../digest.ts'
import type { CurvePoint } from '../../latency-pool.ts'
import { type CellFigures, figureText, type WorkloadFigures } from '../../figures.ts'
import { LINE_FRAME, linePlot } from '../charts/lines.ts'
import { fittingScale, logScale, tickLabel } from '../charts/scale.ts'
import { legend, lookFor, type ReportContext, type Section, slug } from '../context.ts'
import { figure } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'

/** Percentile curves at the rate common to all models. */
export function latencySection(context: ReportContext): Section | null {
  const facets = context.workloads.flatMap((workload, place) =>
    workload.latencyRate !== null && workload.cells.some(({ cell }) => curveOf(context, cell).length > 0)
      ? [facet(context, workload, place)]
      : [],
  )
  if (facets.length === 0) return null
  return {
    id: 'latency',
    title: 'Latency',
    body: markup`<p class="lead">How long requests took at a rate that every model can serve. Requests start at instants fixed beforehand, whatever the server does, and the same for all models; each is timed from its intended start. Thin ends are of fewer than 100 requests.</p>
${legend(context.looks)}<div class="facets">${facets}</div>`,
  }
}

const KEYS = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const

function facet(context: ReportContext, { workload, latencyRate, cells }: WorkloadFigures, place: number): Markup {
  const id = `latency-${slug(workload, place)}`
  const lines = cells.flatMap(({ cell }) => {
    const points = curveOf(context, cell).map(({ q, ms, firm }) => ({ x: 1 / (1 - q), y: ms, firm }))
    if (points.length === 0) return []
    return [{ name: cell.model, look: lookFor(context, cell.model), points }]
  })
  const furthest = Math.max(100, ...lines.map(({ points }) => points.at(-1)?.x ?? 1))
  const x = {
    ...logScale([1, furthest], [LINE_FRAME.left, LINE_FRAME.right]),
    ticks: PERCENTILES.filter((tick) => tick <= furthest),
  }
  const y = fittingScale(
    lines.flatMap(({ points }) => points.map((point) => point.y)),
    [LINE_FRAME.bottom, LINE_FRAME.top],
  )
  return figure({
    id,
    title: workload,
    note: `at ${latencyRate ?? ''}`,
    svg: linePlot(
      id,
      `Latency percentiles of each model under ${workload}; the table below has the figures.`,
      {
        x,
        y,
        xLabel: 'share of the requests that took at most so long',
        yLabel: y.log ? 'ms, log' : 'ms',
        xFormat: percentile,
        yFormat: tickLabel,
      },
      lines,
    ),
    table: {
      headings: ['model', ...KEYS.map((key) => (key === 'p999' ? 'p99.9' : key)), 'requests'],
      rows: cells.map((cell) => [
        cell.cell.model,
        ...KEYS.map((key) => withInterval(cell, key)),
        String(cell.cell.latencyMs?.count ?? 0),
      ]),
    },
  })
}

function withInterval(cell: CellFigures, key: (typeof KEYS)[number]): string {
  return figureText(cell[key]?.figure ?? null)
}

function curveOf({ digest }: ReportContext, cell: ResultCell): CurvePoint[] {
  return (digest.cells.get(cellKey(cell))?.curve ?? []).filter(({ q }) => q >= LEAST_SHARE)
}

/** Curves begin here: the few fastest requests say nothing of how long one waits. */
const LEAST_SHARE = 0.1

/** Ticks of the axis, as 1/(1 − q). */
const PERCENTILES: readonly number[] = [2, 10, 100, 1000, 10_000, 100_000]

function percentile(tick: number): string {
  return `${tickLabel(100 * (1 - 1 / tick))} %`
}
