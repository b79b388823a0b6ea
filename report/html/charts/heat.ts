import { boundText, heatBuckets, rowAt } from '../../../analysis/timeline/heat.ts'
import type { LoadColumn, Timeline } from '../../../analysis/timeline/state.ts'
import { groupBy } from '../../../core/group.ts'
import { formatDuration } from '../../../core/quantities.ts'
import { isSentLate } from '../../../core/lateness.ts'
import { plot } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { axisBelow } from './axis.ts'
import { timeScale } from './scale.ts'

/** Where plots over the time of a run lie. */
export const RUN_FRAME = { width: 960, left: 96, right: 956 } as const

/** Most columns: more could not be told apart. */
const MOST_COLUMNS = 215

const [TOP, ROW] = [6, 14]

/** Shades of a cell, by the root of its share. */
const SHADES = 5

/** Latencies over the time of a run: one column for each second, or for a few of them where it was long. */
export function heatPlot(id: string, label: string, { columns, nowMs }: Timeline, startMs: number): Markup {
  const lengthS = Math.max(1, (nowMs - startMs) / 1000)
  const scale = timeScale(lengthS, [RUN_FRAME.left, RUN_FRAME.right])
  const spanS = Math.max(1, Math.ceil(lengthS / MOST_COLUMNS))
  const [lowest, highest] = heatBuckets(columns)
  const bottom = TOP + ROW * (highest - lowest + 1)
  const top = (row: number): number => bottom - (row - lowest + 1) * ROW
  const groups = groupBy(columns, ({ atMs }) => Math.floor(Math.max(0, (atMs - startMs) / 1000 - 1) / spanS))
  const width = Math.max(1, scale.at(spanS) - RUN_FRAME.left)
  const shades: string[][] = Array.from({ length: SHADES }, () => [])
  const late: string[] = []
  const p99: string[] = []
  for (const [place, seconds] of groups) {
    const x = round(scale.at(place * spanS))
    if (seconds.some(isSentLate)) late.push(`M${x} ${TOP}h${round(width)}V${bottom}h${-round(width)}z`)
    const counts = summed(seconds)
    const all = counts.reduce((sum, count) => sum + count, 0)
    counts.forEach((count, row) => {
      if (count === 0) return
      const shade = Math.max(0, Math.ceil(Math.sqrt(count / all) * SHADES) - 1)
      shades[shade]?.push(`M${x} ${top(row)}h${round(width)}v${ROW - 1}h${-round(width)}z`)
    })
    const slowest = Math.max(...seconds.map(({ p99Ms }) => p99Ms ?? 0))
    if (slowest > 0) p99.push(`M${x} ${round(bottom - (rowAt(slowest) - lowest) * ROW)}h${round(width)}`)
  }
  const rows = Array.from({ length: highest - lowest + 1 }, (_, place) => lowest + place)
  return plot(id, { width: RUN_FRAME.width, height: bottom + 32 }, label, [
    markup`<g class="axis">${rows.map((row) => markup`<text x="${RUN_FRAME.left - 6}" y="${top(row) + 10}" text-anchor="end">${boundText(row)}</text>`)}</g>\n`,
    axisBelow({
      scale,
      top: TOP,
      bottom,
      width: RUN_FRAME.width,
      label: 'time',
      format: (tick) => (tick === 0 ? '0' : formatDuration(tick)),
    }),
    markup`<path class="heat-late" d="${late.join('')}"/>`,
    shades.map((cells, shade) => markup`<path class="heat heat-${String(shade + 1)}" d="${cells.join('')}"/>\n`),
    markup`<path class="heat-p99" d="${p99.join('')}"/>`,
  ])
}

function summed(seconds: readonly LoadColumn[]): number[] {
  const counts: number[] = []
  for (const second of seconds) second.counts.forEach((count, row) => (counts[row] = (counts[row] ?? 0) + count))
  return counts
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
