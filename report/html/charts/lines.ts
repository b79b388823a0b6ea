import type { Look } from '../palette.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { axisBelow, axisLeft, linePath } from './axis.ts'
import type { Scale } from './scale.ts'

/** One line of a plot: parts that are less certain are drawn thin; a band and single points are optional. */
export interface Line {
  readonly name: string
  readonly look: Look
  readonly points: readonly { readonly x: number; readonly y: number; readonly firm?: boolean }[]
  readonly band?: readonly { readonly x: number; readonly low: number; readonly high: number }[]
  readonly marks?: readonly { readonly x: number; readonly y: number; readonly title: string }[]
}

/** The frame of a line plot, in viewBox units. */
export const LINE_FRAME = { width: 352, height: 270, left: 40, right: 348, top: 22, bottom: 226 } as const

/** Lines over a horizontal axis, with bands and points where given, and reference lines such as an objective. */
export function linePlot(
  id: string,
  label: string,
  axes: {
    readonly x: Scale
    readonly y: Scale
    readonly xLabel: string
    readonly yLabel: string
    readonly xFormat: (tick: number) => string
    readonly yFormat: (tick: number) => string
    /** Labels stand at the left, where latencies that rise have not crossed them yet. */
    readonly across?: readonly { readonly y: number; readonly label: string }[]
    readonly down?: readonly { readonly x: number; readonly label: string }[]
  },
  lines: readonly Line[],
): Markup {
  const { x, y } = axes
  const at = (point: { x: number; y: number }): [number, number] => [x.at(point.x), y.at(point.y)]
  const { left, right, top, bottom, width, height } = LINE_FRAME
  return plot(id, { width, height }, label, [
    axisBelow({ scale: x, top, bottom, width: right, label: axes.xLabel, format: axes.xFormat }),
    axisLeft({ scale: y, left, right, label: axes.yLabel, labelY: 11, format: axes.yFormat }),
    (axes.across ?? []).map(
      (line) =>
        markup`<path class="reference" d="M${left} ${y.at(line.y)}H${right}"/><text class="unit" x="${left + 4}" y="${y.at(line.y) - 4}">${line.label}</text>`,
    ),
    (axes.down ?? []).map((line, index) => {
      const at = x.at(line.x)
      // Labels of neighbours stand below each other, and those at the right end on the left of their line.
      const [side, anchor] = at > (left + 3 * right) / 4 ? [-4, 'end'] : [4, 'start']
      return markup`<path class="reference" d="M${at} ${top}V${bottom}"/><text class="unit" x="${at + side}" y="${top + 8 + 12 * (index % 2)}" text-anchor="${anchor}">${line.label}</text>`
    }),
    lines.map((line) => {
      const firm = line.points.filter((point) => point.firm !== false)
      const faint = line.points.slice(Math.max(0, firm.length - 1))
      return markup`<g class="${line.look.classes}"><title>${line.name}</title>
${line.band === undefined ? null : bandOf(line.band, x, y)}
<path class="line" d="${linePath(firm.map(at))}"/>${faint.length > 1 ? markup`<path class="line faint" d="${linePath(faint.map(at))}"/>` : null}
${(line.marks ?? []).map((mark) => markup`<circle class="mark" cx="${x.at(mark.x)}" cy="${y.at(mark.y)}" r="3.2"><title>${mark.title}</title></circle>`)}</g>\n`
    }),
  ])
}

function bandOf(band: NonNullable<Line['band']>, x: Scale, y: Scale): Markup {
  const upper = band.map((point): [number, number] => [x.at(point.x), y.at(point.high)])
  const lower = band.map((point): [number, number] => [x.at(point.x), y.at(point.low)]).toReversed()
  return markup`<path class="band" d="${linePath([...upper, ...lower])}Z"/>`
}
