import type { DotsPicture, GanttPicture, LabSpan } from '../../../core/lab-record.ts'
import { durationText } from '../../lab/pictures/lanes.ts'
import { linearScale, type Scale, tickLabel } from '../charts/scale.ts'
import { markup, type Markup, type Part } from '../markup.ts'
import { ROW_MIDDLE, rowsPlot } from './rows.ts'

interface DrawnLane {
  readonly name: string
  readonly group: string
  readonly label: string
  readonly content: (at: Scale['at']) => Part
}

/** Moments as dots, what lasted as a band behind them; a script can replay it. */
export function dotsPlot(picture: DotsPicture): Markup {
  return lanePlot(
    picture,
    picture.lanes.map(({ name, group, label, dotsMs, spans }) => ({
      name,
      group,
      label,
      content: (at) => [
        spans.map((span) => bar(span, at, 'span')),
        dotsMs.map(
          (ms) =>
            markup`<circle class="moment" data-at="${ms.toFixed(1)}" cx="${at(ms)}%" cy="${ROW_MIDDLE}" r="4"><title>${durationText(ms)}</title></circle>`,
        ),
      ],
    })),
  )
}

/** What each worker did, as bars; a script can replay it. */
export function ganttPlot(picture: GanttPicture): Markup {
  return lanePlot(
    picture,
    picture.lanes.map(({ name, group, bars }) => ({
      name,
      group,
      label: '',
      content: (at) => bars.map((each, index) => bar(each, at, `job ${index % 2 === 0 ? 'even' : 'odd'}`)),
    })),
  )
}

function bar({ fromMs, toMs, label, tone }: LabSpan, at: Scale['at'], classes: string): Markup {
  return markup`<rect class="${classes} ${tone}" data-at="${fromMs.toFixed(1)}" data-to="${toMs.toFixed(1)}" x="${at(fromMs)}%" y="${ROW_MIDDLE - 8}" width="${Math.max(0.2, at(toMs) - at(fromMs))}%" height="16"><title>${label}: ${durationText(fromMs)} – ${durationText(toMs)}</title></rect>`
}

function lanePlot(
  { id, title, spanMs }: Pick<DotsPicture, 'id' | 'title' | 'spanMs'>,
  lanes: readonly DrawnLane[],
): Markup {
  const { scale, unit, at } = timeAxis(spanMs)
  return rowsPlot(
    { id, title },
    lanes.map(({ content, ...lane }) => ({ ...lane, content: content(at) })),
    { scale, label: unit, format: tickLabel },
  )
}

/** Where the end of a trace is on its tracks, in per cent: the axis ends at a round figure. */
export function endPercent(spanMs: number): number {
  return timeAxis(spanMs).at(spanMs)
}

function timeAxis(spanMs: number): { readonly scale: Scale; readonly unit: string; readonly at: Scale['at'] } {
  const [unit, ms] = spanMs >= 3000 ? (['s', 1000] as const) : (['ms', 1] as const)
  const scale = linearScale([0, spanMs / ms], [0, 100], 6)
  return { scale, unit, at: (atMs) => scale.at(atMs / ms) }
}
