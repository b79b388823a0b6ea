import { boundsOf } from '../../../core/estimate.ts'
import type { BarsPicture, HeatPicture } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import { grouped } from '../../lab/pictures/lanes.ts'
import { axisBelow, axisLeft, shorten } from '../charts/axis.ts'
import { linearScale, logScale, tickLabel } from '../charts/scale.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'

const WIDTH = 900
const LEFT = 250
const RIGHT = 130
const ROW = 26

/** Bars on a linear or logarithmic scale, with intervals and what was predicted. */
export function labBars({ id, title, unit, log, bars }: BarsPicture): Markup {
  const values = bars.flatMap(({ value, predicted }) => (predicted === null ? [value] : [value, predicted]))
  const positive = values.filter((value) => value > 0)
  const most = Math.max(...positive, Number.MIN_VALUE)
  const isLog = log && positive.length > 0
  const scale = isLog
    ? logScale([Math.min(...positive) / 2, most * 1.2], [LEFT, WIDTH - RIGHT])
    : linearScale([0, Number.isFinite(most) && most > 0 ? most : 1], [LEFT, WIDTH - RIGHT], 6)
  const within = (value: number): number => Math.min(WIDTH - RIGHT, Math.max(LEFT, scale.at(value)))
  let y = 6
  const rows = grouped(bars).flatMap(([group, own]) => {
    const head = group === '' ? null : markup`<text class="group" x="0" y="${y + 14}">${group}</text>\n`
    if (head !== null) y += 20
    return [
      head,
      ...own.map(({ name, value, low, high, predicted }) => {
        const middle = y + ROW / 2
        y += ROW
        const [least, top] = low === null || high === null ? [null, null] : boundsOf({ estimate: value, low, high })
        const end = value > 0 ? within(value) : LEFT
        return markup`<g class="s1"><title>${name}</title><text x="${LEFT - 10}" y="${middle + 4}" text-anchor="end">${shorten(name, 38)}</text>
<rect class="bar" x="${LEFT}" y="${middle - 8}" width="${end - LEFT}" height="16"/><path class="estimate" d="M${end} ${middle - 8}v16"/>
${least === null || top === null ? null : markup`<path class="whisker" d="M${within(least)} ${middle}H${within(top)}"/>`}
${predicted === null ? null : markup`<path class="guess" d="M${within(predicted)} ${middle - 10}v20"><title>you expected ${significant(predicted)} ${unit}</title></path>`}
<text class="value" x="${WIDTH}" y="${middle + 4}" text-anchor="end">${`${significant(value)} ${unit}`.trimEnd()}</text></g>\n`
      }),
    ]
  })
  return plot(id, { width: WIDTH, height: y + 40 }, `${title}; the table below has the figures.`, [
    axisBelow({ scale, top: 4, bottom: y + 4, label: unit, width: WIDTH - RIGHT, format: tickLabel }),
    rows,
  ])
}

/** How often each value was met in each stretch of time: the more, the darker, by the logarithm. */
export function labHeat({ id, title, x, y, counts }: HeatPicture): Markup {
  const [left, right, top, row] = [70, WIDTH - 10, 10, 16]
  const bottom = top + counts.length * row
  const most = Math.max(1, ...counts.flat())
  const across = linearScale([x.edges[0] ?? 0, x.edges.at(-1) ?? 1], [left, right], 8)
  const cells = counts.flatMap((line, index) =>
    line.flatMap((count, column) => {
      if (count === 0) return []
      const [from, to] = [across.at(x.edges[column] ?? 0), across.at(x.edges[column + 1] ?? 0)]
      const share = Math.log1p(count) / Math.log1p(most)
      return markup`<rect class="heat h${Math.min(5, 1 + Math.floor(share * 5))}" x="${from}" y="${bottom - (index + 1) * row}" width="${Math.max(1, to - from)}" height="${row}"><title>${count} × ${significant(y.edges[index] ?? 0)}–${significant(y.edges[index + 1] ?? 0)} ${y.unit}</title></rect>`
    }),
  )
  const ticks = y.edges.filter((_, index) => index % Math.max(1, Math.ceil(y.edges.length / 8)) === 0)
  const up = { ticks, at: (value: number): number => bottom - y.edges.indexOf(value) * row }
  return plot(id, { width: WIDTH, height: bottom + 40 }, `${title}; the table below has the figures.`, [
    axisBelow({ scale: across, top, bottom, label: `${x.title} ${x.unit}`, width: right, format: tickLabel }),
    axisLeft({ scale: up, left, right, label: `${y.title} ${y.unit}`, labelY: 9, format: tickLabel }),
    cells,
  ])
}
