import type { DotsPicture, GanttPicture, LabSpan } from '../../../core/lab-record.ts'
import { durationText, grouped } from '../../lab/pictures/lanes.ts'
import { axisBelow, shorten } from '../charts/axis.ts'
import { linearScale, type Scale, tickLabel } from '../charts/scale.ts'
import { plot } from '../figure.ts'
import { markup, type Markup, type Part } from '../markup.ts'

const WIDTH = 900
const LEFT = 210
const RIGHT = 110
const ROW = 24
const HEAD = 20

interface DrawnLane {
  readonly name: string
  readonly group: string
  readonly label: string
  readonly content: (at: Scale['at'], middle: number) => Part
}

/** Moments as dots, what lasted as a band behind them; a script can replay it. */
export function dotsPlot(picture: DotsPicture): Markup {
  return lanePlot(
    picture,
    picture.lanes.map(({ name, group, label, dotsMs, spans }) => ({
      name,
      group,
      label,
      content: (at, middle) => [
        spans.map((span) => bar(span, at, middle, 'span')),
        dotsMs.map(
          (ms) =>
            markup`<circle class="moment" data-at="${ms.toFixed(1)}" cx="${at(ms)}" cy="${middle}" r="4"><title>${durationText(ms)}</title></circle>`,
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
      content: (at, middle) =>
        bars.map((each, index) => bar(each, at, middle, `job ${index % 2 === 0 ? 'even' : 'odd'}`)),
    })),
  )
}

function bar({ fromMs, toMs, label, tone }: LabSpan, at: Scale['at'], middle: number, classes: string): Markup {
  return markup`<rect class="${classes} ${tone}" data-at="${fromMs.toFixed(1)}" data-to="${toMs.toFixed(1)}" x="${at(fromMs)}" y="${middle - 8}" width="${Math.max(1, at(toMs) - at(fromMs))}" height="16"><title>${label}: ${durationText(fromMs)} – ${durationText(toMs)}</title></rect>`
}

function lanePlot(
  { id, title, spanMs }: Pick<DotsPicture, 'id' | 'title' | 'spanMs'>,
  lanes: readonly DrawnLane[],
): Markup {
  const unit = spanMs >= 3000 ? { name: 's', ms: 1000 } : { name: 'ms', ms: 1 }
  const scale = linearScale([0, spanMs / unit.ms], [LEFT, WIDTH - RIGHT], 8)
  const at = (ms: number): number => scale.at(ms / unit.ms)
  let y = 4
  const rows = grouped(lanes).flatMap(([group, own]) => {
    const head = group === '' ? null : markup`<text class="group" x="0" y="${y + 14}">${group}</text>\n`
    if (head !== null) y += HEAD
    return [
      head,
      ...own.map(({ name, label, content }) => {
        const middle = y + ROW / 2
        y += ROW
        return markup`<g><title>${name}</title><text x="${LEFT - 10}" y="${middle + 4}" text-anchor="end">${shorten(name, 32)}</text>
${content(at, middle)}<text class="value" x="${WIDTH - RIGHT + 10}" y="${middle + 4}">${label}</text></g>\n`
      }),
    ]
  })
  const height = y + 40
  return plot(id, { width: WIDTH, height }, `${title}; the table below has the figures.`, [
    axisBelow({ scale, top: 4, bottom: y + 4, label: unit.name, width: WIDTH - RIGHT, format: tickLabel }),
    rows,
    markup`<path class="cursor" data-left="${LEFT}" data-right="${at(spanMs)}" data-span="${spanMs.toFixed(1)}" d="M${LEFT} 4V${y + 4}"/>`,
  ])
}
