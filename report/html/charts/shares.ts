import type { Look } from '../palette.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { shorten } from './axis.ts'

/** The shares of one model's workers, the busiest first. */
export interface ShareRow {
  readonly name: string
  readonly look: Look
  readonly shares: readonly number[]
  /** Share of each worker in words, in the same order. */
  readonly labels: readonly string[]
  readonly title: string
}

const WIDTH = 352
const LEFT = 88
const ROW = 30

/** One bar per model, a segment per worker; ticks stand where equal shares would end. */
export function shareBars(id: string, label: string, rows: readonly ShareRow[]): Markup {
  const width = WIDTH - LEFT
  return plot(
    id,
    { width: WIDTH, height: rows.length * ROW + 8 },
    label,
    rows.map((row, index) => {
      const top = 4 + index * ROW
      let from = LEFT
      const segments = row.shares.map((share, place) => {
        const segment = Math.max(0, share * width)
        const x = from
        from += segment
        const text =
          segment > 44
            ? markup`<text class="inside" x="${x + segment / 2}" y="${top + 17}" text-anchor="middle">${row.labels[place]}</text>`
            : null
        return markup`<rect class="segment" x="${x + 0.5}" y="${top + 3}" width="${Math.max(0.5, segment - 1)}" height="20"/>${text}`
      })
      const equal = row.shares
        .slice(1)
        .map(
          (_, place) => markup`<path class="tick" d="M${LEFT + (width * (place + 1)) / row.shares.length} ${top}v26"/>`,
        )
      return markup`<g class="${row.look.classes}"><title>${row.title}</title>
<text class="name" x="${LEFT - 8}" y="${top + 17}" text-anchor="end">${shorten(row.name, 13)}</text>${segments}${equal}</g>\n`
    }),
  )
}
