import { formatDuration } from '../../../core/quantities.ts'
import type { Timeline, TimelineSlice } from '../../digest.ts'
import { bytesFigure, figureText, rateFigure, ratioFigure } from '../../figures.ts'
import { timelinePlot } from '../charts/timeline.ts'
import { legend, type ReportContext, type Section } from '../context.ts'
import { figure } from '../figure.ts'
import { jsonBlock, markup, type Markup } from '../markup.ts'

/** The run second by second: what happened when, and what was dropped. */
export function timelineSection(context: ReportContext): Section | null {
  const { timeline } = context.digest
  if (timeline.slices.length === 0) return null
  const thinned = timeline.everyBlocks === 1 ? '' : ` Every ${timeline.everyBlocks}th block is shown.`
  return {
    id: 'timeline',
    title: 'The run, second by second',
    short: 'Timeline',
    body: markup`<p class="lead">Strong lines are at saturation, fine ones at the common rate. Hatched parts were dropped because of something outside the server.${thinned}</p>
${legend(context.looks)}
${figure({
  id: 'timeline-all',
  title: 'Rate, tail latency, CPU and memory over the run',
  svg: timelinePlot(
    'timeline-all',
    'Rate, p99, CPU and memory of every trial over the time of the run; the table below has means of each model.',
    timeline,
    context.looks,
    clock,
  ),
  table: timelineTable(timeline.slices),
  wide: true,
  zoom: 'timeline-series',
})}
<script type="application/json" id="timeline-series">${jsonBlock(zoomSeries(context, timeline))}</script>`,
  }
}

function clock(seconds: number): string {
  return seconds === 0 ? '0' : formatDuration(seconds)
}

/** Means of each model, workload and slice: the timeline in few rows. */
function timelineTable(slices: readonly TimelineSlice[]): { headings: string[]; rows: (string | Markup)[][] } {
  const groups = new Map<string, TimelineSlice[]>()
  for (const slice of slices) {
    const key = [slice.model, slice.workload, slice.slice].join('\u0000')
    groups.set(key, [...(groups.get(key) ?? []), slice])
  }
  const rows = [...groups.values()].map((own) => {
    const mean = (value: (slice: TimelineSlice) => number): number =>
      own.reduce((sum, slice) => sum + value(slice), 0) / own.length
    const seconds = own.flatMap((slice) => slice.seconds)
    const rate = seconds.reduce((sum, second) => sum + second.ratePerS, 0) / Math.max(1, seconds.length)
    return [
      own[0]?.model ?? '',
      own[0]?.workload ?? '',
      own[0]?.slice === 'saturation' ? 'saturation' : 'common rate',
      String(own.length),
      figureText(rateFigure(rate)),
      figureText({ ...ratioFigure(mean((slice) => slice.serverCores)), unit: ' cores' }),
      figureText({ ...ratioFigure(mean((slice) => slice.generatorCores)), unit: ' cores' }),
      figureText({ ...ratioFigure(mean((slice) => slice.foreignCores)), unit: ' cores' }),
      figureText(bytesFigure(mean((slice) => slice.memoryBytes))),
    ]
  })
  return {
    headings: ['model', 'workload', 'slice', 'trials', 'answers', 'server CPU', 'generator CPU', 'other CPU', 'memory'],
    rows,
  }
}

/** What the script needs to make the timeline zoomable: per model the seconds as [time, rate, p99]. */
function zoomSeries({ looks }: ReportContext, { slices, lengthS }: Timeline): object {
  return {
    lengthS,
    models: [...looks].map(([model, look]) => ({
      model,
      colour: look.colour,
      dash: look.dash,
      seconds: slices
        .filter((slice) => slice.model === model)
        .flatMap((slice) =>
          slice.seconds.map(({ atS, ratePerS, p99Ms }) => [
            rounded(atS),
            rounded(ratePerS),
            p99Ms === null ? null : rounded(p99Ms),
          ]),
        ),
    })),
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
