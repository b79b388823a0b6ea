import { boundsOf } from '../../../core/estimate.ts'
import { cellKey } from '../../digest.ts'
import {
  bareText,
  callOf,
  type CellFigures,
  type ComparedFigure,
  EFFICIENCY_NOTE,
  figureText,
  NOTHING,
  type WorkloadFigures,
} from '../../figures.ts'
import { intervalBars } from '../charts/bars.ts'
import { lookFor, type ReportContext, type Section, slug } from '../context.ts'
import { figure } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'

/** Throughput at saturation, with intervals and the value of every block. */
export function throughputSection(context: ReportContext): Section | null {
  return measureSection(context, {
    id: 'throughput',
    title: 'Throughput',
    lead: 'Answers per second at saturation: every connection asks again as soon as it has its answer.',
    unit: 'answers per second',
    of: (cell) => cell.throughput,
    values: ({ throughputRps }) => throughputRps,
    extra: { heading: 'efficiency', of: (cell) => figureText(cell.efficiency) },
  })
}

/** CPU time of all units per answer. */
export function cpuSection(context: ReportContext): Section | null {
  return measureSection(context, {
    id: 'cpu',
    title: 'CPU per request',
    lead: 'CPU time of every process of the server, supervisors included, for each answer: what a request costs, whatever the load.',
    unit: 'milliseconds of CPU per request',
    of: (cell) => cell.cpuPerRequest,
    values: ({ cpuMs }) => cpuMs,
    extra: { heading: 'memory', of: (cell) => figureText(cell.memory) },
  })
}

interface Measure {
  readonly id: string
  readonly title: string
  readonly lead: string
  readonly unit: string
  of(cell: CellFigures): ComparedFigure | null
  values(block: { throughputRps: number; cpuMs: number | null }): number | null
  readonly extra: { readonly heading: string; of(cell: CellFigures): string }
}

function measureSection(context: ReportContext, measure: Measure): Section | null {
  const facets = context.workloads.flatMap((workload, place) =>
    workload.cells.some((cell) => measure.of(cell) !== null) ? [facet(context, measure, workload, place)] : [],
  )
  if (facets.length === 0) return null
  return {
    id: measure.id,
    title: measure.title,
    body: markup`<p class="lead">${measure.lead} Bars are means, thick lines their intervals, dots the single blocks.</p><div class="facets">${facets}</div>`,
  }
}

function facet(context: ReportContext, measure: Measure, { workload, cells }: WorkloadFigures, place: number): Markup {
  const id = `${measure.id}-${slug(workload, place)}`
  const bars = cells.flatMap((cell) => {
    const compared = measure.of(cell)
    const estimate = measure.id === 'cpu' ? cell.cell.cpuMsPerRequest : cell.cell.throughputRps
    if (compared === null || estimate === null) return []
    const blocks = context.digest.cells.get(cellKey(cell.cell))?.blocks ?? []
    return [
      {
        name: cell.cell.model,
        look: lookFor(context, cell.cell.model),
        estimate: estimate.estimate,
        interval: boundsOf(estimate).some((edge) => edge !== null) ? ([estimate.low, estimate.high] as const) : null,
        values: blocks.map((block) => measure.values(block)).filter((value) => value !== null),
        label: bareText({ ...compared.figure, interval: null }),
        title: `${cell.cell.model}: ${figureText(compared.figure)}`,
      },
    ]
  })
  const rows = cells.map((cell) => {
    const compared = measure.of(cell)
    const verdict = compared?.verdict ?? null
    return [
      cell.cell.model,
      figureText(compared?.figure ?? null),
      cell.baseline ? 'baseline' : figureText(compared?.ratio ?? null),
      verdict === null ? NOTHING : callOf(verdict).word,
      measure.extra.of(cell),
      String(cell.cell.blocks),
    ]
  })
  return figure({
    id,
    title: workload,
    note:
      measure.id === 'throughput' && cells.some(({ efficiency }) => efficiency !== null)
        ? `under Data, ${EFFICIENCY_NOTE}`
        : null,
    svg: intervalBars(
      id,
      `${measure.title} of each model under ${workload}; the table below has the figures.`,
      measure.unit,
      bars,
    ),
    table: {
      headings: [
        'model',
        measure.title.toLowerCase(),
        `× ${context.result.baseline}`,
        'call',
        measure.extra.heading,
        'blocks',
      ],
      rows,
    },
  })
}
