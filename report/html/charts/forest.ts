import { boundsOf } from '../../../core/estimate.ts'
import type { Call } from '../../../core/records.ts'
import type { Look } from '../palette.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { axisBelow, shorten } from './axis.ts'
import { logScale, tickLabel } from './scale.ts'

/** One comparison: a ratio to the baseline with its interval. */
export interface ForestRow {
  readonly name: string
  readonly look: Look
  readonly call: Call
  readonly estimate: number
  readonly low: number
  readonly high: number
  readonly label: string
  readonly title: string
}

/** Comparisons of one metric. */
export interface ForestGroup {
  readonly title: string
  /** Ratios between these are too small a difference to count. */
  readonly same: readonly [low: number, high: number]
  readonly rows: readonly ForestRow[]
}

const WIDTH = 352
const LEFT = 88
const RIGHT = 118
const ROW = 22
const HEAD = 24

/** Ratios with intervals around the line of no difference, on a log axis, so that half and twice are equally far. */
export function forest(id: string, label: string, axisLabel: string, groups: readonly ForestGroup[]): Markup {
  const edges = groups.flatMap((group) => group.rows.flatMap((row) => [row.low, row.high, row.estimate]))
  const estimates = groups.flatMap((group) => group.rows.map((row) => row.estimate))
  // Intervals much wider than the estimates lie apart run out of the plot: the others stay readable.
  const [nearest, furthest] = [Math.min(1, ...estimates) / 3, Math.max(1, ...estimates) * 3]
  const shown = edges.filter((edge) => edge >= nearest && edge <= furthest)
  const low = Math.min(0.9, ...shown) / 1.04
  const high = Math.max(1.1, ...shown) * 1.04
  const scale = logScale([low, high], [LEFT, WIDTH - RIGHT])
  const within = (value: number): number => scale.at(Math.min(high, Math.max(low, value)))
  let y = 6
  const parts: Markup[] = []
  for (const group of groups) {
    parts.push(markup`<text class="group" x="0" y="${y + 15}">${group.title}</text>`)
    y += HEAD
    const [from, to] = group.same.map(within)
    parts.push(
      markup`<rect class="same" x="${from}" y="${y}" width="${(to ?? 0) - (from ?? 0)}" height="${group.rows.length * ROW}"/>`,
    )
    for (const row of group.rows) {
      const middle = y + ROW / 2
      parts.push(markup`<g class="${row.look.classes} call-${row.call}"><title>${row.title}</title>
<rect class="hover" x="0" y="${y}" width="${WIDTH}" height="${ROW}"/>
<text class="name" x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${shorten(row.name, 13)}</text>
${isBounded(row) ? markup`<path class="whisker" d="M${within(row.low)} ${middle}H${within(row.high)}"/>` : null}<circle class="mark" cx="${within(row.estimate)}" cy="${middle}" r="4"/>
<text class="value" x="${WIDTH}" y="${middle + 4}" text-anchor="end">${row.label}</text></g>\n`)
      y += ROW
    }
    y += 4
  }
  return plot(id, { width: WIDTH, height: y + 32 }, label, [
    axisBelow({ scale, top: 8, bottom: y, label: axisLabel, width: WIDTH, format: (tick) => `${tickLabel(tick)}×` }),
    markup`<path class="reference" d="M${scale.at(1)} 8V${y}"/>`,
    ...parts,
  ])
}

/** False where nothing bounds the ratio: it has no line then, since one across the plot would say that it has. */
function isBounded(row: ForestRow): boolean {
  return boundsOf(row).some((edge) => edge !== null)
}
