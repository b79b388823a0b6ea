import { boundsOf } from '../../../core/estimate.ts'
import type { BarsPicture, HeatPicture } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import { linearScale, logScale, type Scale, tickLabel } from '../charts/scale.ts'
import { markup, type Markup } from '../markup.ts'
import { ROW_MIDDLE, rowsPlot } from './rows.ts'

/** Bars on a linear or logarithmic scale, with intervals and what was predicted. */
export function labBars({ id, title, unit, log, bars }: BarsPicture): Markup {
  const values = bars.flatMap((bar) => [bar.value, bar.predicted ?? bar.value, ...intervalOf(bar)])
  const positive = values.filter((value) => value > 0)
  const isLog = log && positive.length > 0
  const scale = isLog ? logPercent(positive) : linearScale([0, Math.max(0, ...positive) || 1], [0, 100], 6)
  const within = (value: number): number => Math.min(100, Math.max(0, scale.at(value)))
  const rows = bars.map(({ name, group, value, low, high, predicted }) => {
    const [least, top] = intervalOf({ value, low, high })
    const end = value > 0 ? within(value) : 0
    const content = markup`<g class="s1"><rect class="bar" x="0" y="${ROW_MIDDLE - 8}" width="${end}%" height="16"/><line class="estimate" x1="${end}%" x2="${end}%" y1="${ROW_MIDDLE - 8}" y2="${ROW_MIDDLE + 8}"/>
${least === undefined || top === undefined ? null : markup`<line class="whisker" x1="${within(least)}%" x2="${within(top)}%" y1="${ROW_MIDDLE}" y2="${ROW_MIDDLE}"/>`}
${predicted === null ? null : markup`<line class="guess" x1="${within(predicted)}%" x2="${within(predicted)}%" y1="2" y2="22"><title>you expected ${significant(predicted)} ${unit}</title></line>`}</g>`
    return { name, group, label: `${significant(value)} ${unit}`.trimEnd(), content }
  })
  const label = isLog ? `${unit}, logarithmic` : unit
  return rowsPlot({ id, title }, rows, { scale, label, format: tickLabel })
}

/** The ends of an interval; none where nothing bounds it. */
function intervalOf({ value, low, high }: Pick<BarsPicture['bars'][number], 'value' | 'low' | 'high'>): number[] {
  if (low === null || high === null) return []
  const [least, top] = boundsOf({ estimate: value, low, high })
  return least === null || top === null ? [] : [least, top]
}

/** Tracks of phones are about so many px wide: ticks have room on them, too. */
const NARROW_PX = 330

function logPercent(positive: readonly number[]): Scale {
  const scale = logScale([Math.min(...positive) / 2, Math.max(...positive) * 1.2], [0, NARROW_PX])
  return { ticks: scale.ticks, at: (value) => (100 * scale.at(value)) / NARROW_PX }
}

/** How often each value was met in each stretch of time: the more, the darker, by the logarithm. */
export function labHeat({ id, title, x, y, counts }: HeatPicture): Markup {
  const most = Math.max(1, ...counts.flat())
  const scale = linearScale([x.edges[0] ?? 0, x.edges.at(-1) ?? 1], [0, 100], 6)
  const rows = counts.map((line, index) => {
    const [least, top] = [significant(y.edges[index] ?? 0), significant(y.edges[index + 1] ?? 0)]
    const name = `${least}–${top}`
    const cells = line.flatMap((count, column) => {
      if (count === 0) return []
      const [from, to] = [scale.at(x.edges[column] ?? 0), scale.at(x.edges[column + 1] ?? 0)]
      const share = Math.log1p(count) / Math.log1p(most)
      return markup`<rect class="heat h${Math.min(5, 1 + Math.floor(share * 5))}" x="${from}%" y="0" width="${Math.max(0.2, to - from)}%" height="100%"><title>${count} × ${name} ${y.unit}</title></rect>`
    })
    return { name, group: '', label: '', content: cells }
  })
  return markup`<p class="note">${`${y.title} ${y.unit}`.trimEnd()}</p>${rowsPlot(
    { id, title, compact: true },
    rows.toReversed(),
    { scale, label: `${x.title} ${x.unit}`, format: tickLabel },
  )}`
}
