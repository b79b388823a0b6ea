import { countText } from '../../analysis/wording.ts'
import { countedThroughputs, lawCurve, type ModelScaling } from '../../analysis/capacity/scaling/scaling.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { boundsOf } from '../../core/estimate.ts'
import { formatRate } from '../../core/quantities.ts'
import { LINE_FRAME, type Line, linePlot } from '../html/charts/lines.ts'
import { linearScale, tickLabel } from '../html/charts/scale.ts'
import { legend, type Section, slug } from '../html/context.ts'
import { figure } from '../html/figure.ts'
import { markup, type Markup, prose } from '../html/markup.ts'
import { type Look, lookOf } from '../html/palette.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { lawText, leastText, limitText, neededText, sizeText } from './sentences.ts'
import { scalingTable, withInterval } from './tables.ts'

/** Throughput against workers with the fitted law, and how much of each core's worth is left. */
export function scalingSection(findings: CapacityFindings): Section | null {
  const models = findings.scale?.models ?? []
  if (models.length === 0) return null
  const looks = new Map(models.map(({ model }, index) => [model, lookOf(index)]))
  return {
    id: 'scaling',
    title: scalingTitle(models),
    short: 'Scaling',
    body: markup`<ul class="sentences">${models.map((model) => markup`<li>${prose(suffices(model), [...looks.keys()])} <small>${prose([lawText(model), limitText(model), neededText(model)].filter((text) => text !== '').join(' '))}</small></li>\n`)}</ul>
<p class="lead">${leadOf(findings, models)}</p>
${legend(looks)}<div class="facets">${models.map((model, place) => throughputFacet(findings, model, looks.get(model.model) ?? lookOf(0), place))}${efficiencyFacet(models, looks)}</div>`,
  }
}

function leadOf(findings: CapacityFindings, models: readonly ModelScaling[]): string {
  const hasCurve = models.some((scaling) => lawCurve(throughputsOf(findings, scaling)).length > 0)
  return `Dots are means over blocks${hasCurve ? ', lines the Universal Scalability Law fitted to all blocks, bands its 95 % intervals' : ''}.`
}

function throughputsOf({ measurements }: CapacityFindings, scaling: ModelScaling): Parameters<typeof lawCurve>[0] {
  const measured = measurements.find(({ model, workload }) => model === scaling.model && workload === scaling.workload)
  return scaling.outside ?? (measured === undefined ? [] : countedThroughputs(measured))
}

/** What the section of a scaling law is about. */
export function scalingTitle([first]: readonly ModelScaling[]): string {
  return `How throughput grows with ${first?.axis ?? 'workers'}`
}

function suffices(scaling: ModelScaling): string {
  if (scaling.outside !== undefined) return `${scaling.model}: ${leastText(scaling)}.`
  return `For ${scaling.workload} with ${scaling.model} ${leastText(scaling)}.`
}

function throughputFacet(findings: CapacityFindings, scaling: ModelScaling, look: Look, place: number): Markup {
  const id = `scaling-${slug(`${scaling.model}-${scaling.workload}`, place)}`
  const curve = lawCurve(throughputsOf(findings, scaling))
  const { cores, axis = 'workers' } = scaling
  const most = Math.max(...scaling.points.map(({ throughputPerS }) => throughputPerS.estimate))
  // A band that is much higher than what was measured is cut off, so that the dots have the room.
  const highest = Math.max(most, ...curve.map(({ throughputPerS }) => Math.min(throughputPerS.high, most * 1.25)))
  const y = linearScale([0, highest || 1], [LINE_FRAME.bottom, LINE_FRAME.top])
  const bounded = curve.every(({ throughputPerS }) => boundsOf(throughputPerS).every((edge) => edge !== null))
  const line: Line = {
    name: scaling.model,
    look: { ...look, classes: look.classes },
    points: curve.map(({ workers, throughputPerS }) => ({ x: workers, y: throughputPerS.estimate })),
    ...(bounded && curve.length > 0
      ? {
          band: curve.map(({ workers, throughputPerS }) => ({
            x: workers,
            low: throughputPerS.low,
            high: Math.min(highest, throughputPerS.high),
          })),
        }
      : {}),
    marks: scaling.points.map(({ workers, throughputPerS }) => ({
      x: workers,
      y: throughputPerS.estimate,
      title: `${scaling.model}, ${sizeText(workers, scaling.axis)}: ${withInterval(throughputPerS, formatRate)}`,
    })),
  }
  return figure({
    id,
    title: `${scaling.model}, ${scaling.workload}`,
    note: `${countText(scaling.blocks, scaling.outside === undefined ? 'block' : 'repetition')}${scaling.disturbedSlices > 0 ? `, ${scaling.disturbedSlices} of ${scaling.slices} slices disturbed` : ''}`,
    svg: linePlot(
      id,
      `Throughput of ${scaling.model} against its ${axis}; the table below has the figures.`,
      {
        x: workersScale([scaling]),
        y,
        xLabel: axis,
        yLabel: 'requests per second',
        xFormat: tickLabel,
        yFormat: tickLabel,
        down:
          cores !== null && cores > 1 ? [{ x: cores, label: 'cores' }].filter(({ x }) => x < largest([scaling])) : [],
      },
      [line],
    ),
    table: scalingTable(scaling),
  })
}

/** Efficiency where the bare function was measured, else the speed-up per worker: 1 = every worker is worth as much as the first. */
function efficiencyFacet(models: readonly ModelScaling[], looks: ReadonlyMap<string, Look>): Markup | null {
  const known = models.some(({ points }) => points.some(({ efficiency }) => efficiency !== null))
  const valueOf = ({ workers, speedup, efficiency }: ModelScaling['points'][number]): number | null =>
    known ? efficiency : speedup === null ? null : speedup / workers
  const [{ axis = 'workers' } = {}] = models
  const lines = models.flatMap(({ model, points }): Line[] => {
    const found = points.flatMap((point) => {
      const value = valueOf(point)
      return value === null ? [] : [{ x: point.workers, y: value }]
    })
    if (found.length === 0) return []
    const marks = found.map(({ x, y }) => ({ x, y, title: `${model}, ${sizeText(x, models[0]?.axis)}: ${percent(y)}` }))
    return [{ name: model, look: looks.get(model) ?? lookOf(0), points: found, marks }]
  })
  if (lines.length === 0) return null
  const id = 'scaling-efficiency'
  const most = Math.max(1, ...lines.flatMap(({ points }) => points.map(({ y }) => y)))
  return figure({
    id,
    title: known ? 'Efficiency' : axis === 'workers' ? 'Speed-up per worker' : 'Speed-up over concurrency',
    note: known
      ? 'throughput over that of the bare function on as many cores'
      : axis === 'workers'
        ? 'throughput over that of one worker, for each worker'
        : 'throughput over that of one request at a time, divided by the concurrency',
    svg: linePlot(
      id,
      `Efficiency of each model against its ${axis}; the table below has the figures.`,
      {
        x: workersScale(models),
        y: linearScale([0, most], [LINE_FRAME.bottom, LINE_FRAME.top]),
        xLabel: axis,
        yLabel: known ? 'efficiency' : `speed-up / ${axis}`,
        xFormat: tickLabel,
        yFormat: tickLabel,
      },
      lines,
    ),
    table: {
      headings: ['model', axis, known ? 'efficiency' : `speed-up / ${axis}`],
      rows: models.flatMap(({ model, points }) =>
        points.flatMap((point) => {
          const value = valueOf(point)
          return value === null ? [] : [[model, String(point.workers), percent(value)]]
        }),
      ),
    },
  })
}

function largest(models: readonly ModelScaling[]): number {
  return Math.max(2, ...models.flatMap(({ points }) => points.map(({ workers }) => workers)))
}

function workersScale(models: readonly ModelScaling[]): { ticks: number[]; at: (value: number) => number } {
  const counts = models.flatMap(({ points }) => points.map(({ workers }) => workers))
  const [low, high] = [Math.min(1, ...counts), largest(models)]
  const scale = linearScale([low, high], [LINE_FRAME.left, LINE_FRAME.right], Math.min(8, high - low))
  const at = (value: number): number =>
    LINE_FRAME.left + 8 + ((value - low) / (high - low)) * (LINE_FRAME.right - LINE_FRAME.left - 16)
  return { ticks: scale.ticks.filter((tick) => Number.isInteger(tick) && tick >= low && tick <= high), at }
}
