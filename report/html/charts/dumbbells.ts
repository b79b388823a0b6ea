import type { Look } from '../palette.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { axisBelow, shorten } from './axis.ts'
import { fittingScale, tickLabel } from './scale.ts'

/** Median and tail of one thing, with what they are when nothing else runs. */
export interface Dumbbell {
  readonly name: string
  readonly look: Look
  readonly median: number
  readonly tail: number
  readonly aloneMedian?: number
  readonly aloneTail?: number
  readonly label: string
  readonly title: string
}

const WIDTH = 352
const LEFT = 88
const RIGHT = 62
const ROW = 26
const HEAD = 24

/** From the median (ring) to the 99th percentile (disc) on one axis; small ticks below mark both when measured alone. */
export function dumbbells(
  id: string,
  label: string,
  groups: readonly { readonly title: string; readonly rows: readonly Dumbbell[] }[],
): Markup {
  const values = groups.flatMap((group) =>
    group.rows.flatMap((row) => [row.median, row.tail, row.aloneMedian ?? row.median, row.aloneTail ?? row.tail]),
  )
  const scale = fittingScale(values, [LEFT + 6, WIDTH - RIGHT])
  let y = 6
  const parts: Markup[] = []
  for (const group of groups) {
    parts.push(markup`<text class="group" x="0" y="${y + 15}">${group.title}</text>`)
    y += HEAD
    for (const row of group.rows) {
      const middle = y + ROW / 2
      const alone = [row.aloneMedian, row.aloneTail].map((value) =>
        value === undefined ? null : markup`<path class="tick" d="M${scale.at(value)} ${middle + 3}v8"/>`,
      )
      parts.push(markup`<g class="${row.look.classes}"><title>${row.title}</title>
<rect class="hover" x="0" y="${y}" width="${WIDTH}" height="${ROW}"/>
<text class="name" x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${shorten(row.name, 13)}</text>
<path class="whisker" d="M${scale.at(row.median)} ${middle}H${scale.at(row.tail)}"/>${alone}
<circle class="ring" cx="${scale.at(row.median)}" cy="${middle}" r="4"/><circle class="mark" cx="${scale.at(row.tail)}" cy="${middle}" r="4.5"/>
<text class="value" x="${WIDTH}" y="${middle + 4}" text-anchor="end">${row.label}</text></g>\n`)
      y += ROW
    }
    y += 4
  }
  return plot(id, { width: WIDTH, height: y + 32 }, label, [
    axisBelow({ scale, top: 8, bottom: y, label: scale.log ? 'ms, log axis' : 'ms', width: WIDTH, format: tickLabel }),
    ...parts,
  ])
}
