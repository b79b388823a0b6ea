import type { Look } from '../palette.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { linearScale, tickLabel } from './scale.ts'
import { axisBelow, shorten } from './axis.ts'

/** One bar: an estimate, its interval, and the values it is the mean of. */
export interface Bar {
  readonly name: string
  readonly look: Look
  readonly estimate: number
  readonly interval: readonly [low: number, high: number] | null
  readonly values: readonly number[]
  /** What is written at the end of the row. */
  readonly label: string
  /** What the pointer shows. */
  readonly title: string
}

const WIDTH = 352
const LEFT = 88
const RIGHT = 54
const ROW = 34

/** Horizontal bars from 0 with interval and the single values as dots: everything that stands behind a figure. */
export function intervalBars(id: string, label: string, unit: string, bars: readonly Bar[]): Markup {
  const measured = Math.max(...bars.flatMap((bar) => [bar.estimate, ...bar.values]))
  // An interval far wider than what was measured runs out of the plot: the bars stay readable.
  const highest = Math.max(measured, ...bars.map((bar) => Math.min(bar.interval?.[1] ?? 0, measured * 2.5)))
  const scale = linearScale([0, highest || 1], [LEFT, WIDTH - RIGHT], 3)
  const within = (value: number): number => Math.min(WIDTH - RIGHT, Math.max(LEFT, scale.at(value)))
  const height = bars.length * ROW + 44
  const rows = bars.map((bar, index) => {
    const middle = 10 + index * ROW + ROW / 2
    const whisker =
      bar.interval === null
        ? null
        : markup`<path class="whisker" d="M${within(bar.interval[0])} ${middle}H${within(bar.interval[1])}"/>`
    return markup`<g class="${bar.look.classes}"><title>${bar.title}</title>
<rect class="hover" x="0" y="${middle - ROW / 2}" width="${WIDTH}" height="${ROW}"/>
<text class="name" x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${shorten(bar.name, 13)}</text>
<rect class="bar" x="${LEFT}" y="${middle - 8}" width="${Math.max(0, scale.at(bar.estimate) - LEFT)}" height="16"/>
${thinned(bar.values).map((value, place) => markup`<circle class="dot" cx="${scale.at(value)}" cy="${middle + (place % 3) * 4 - 4}" r="1.8"/>`)}
${whisker}<path class="estimate" d="M${scale.at(bar.estimate)} ${middle - 8}v16"/>
<text class="value" x="${WIDTH}" y="${middle + 4}" text-anchor="end">${bar.label}</text></g>\n`
  })
  return plot(id, { width: WIDTH, height }, label, [
    axisBelow({ scale, top: 8, bottom: height - 32, label: unit, width: WIDTH, format: tickLabel }),
    ...rows,
  ])
}

/** At most 60 of many values, evenly chosen from the sorted ones so that the extremes stay. */
function thinned(values: readonly number[]): readonly number[] {
  if (values.length <= 60) return values
  const sorted = values.toSorted((a, b) => a - b)
  return Array.from({ length: 60 }, (_, index) => sorted[Math.round((index * (sorted.length - 1)) / 59)] as number)
}
