import type { GanttPicture, LabSpan } from '../../../core/lab-record.ts'
import type { TextOptions } from '../../text.ts'
import { grouped, groupLines, laneLine, laneWidths, timeLine, TONE_STYLES } from './lanes.ts'

/** What each worker did: bars on a line of time, neighbours in two shades. */
export function ganttLines({ lanes, spanMs }: GanttPicture, options: TextOptions): string[] {
  const { columns } = options
  const names = lanes.map(({ name }) => name)
  const widths = laneWidths(names, [], columns)
  const drawn = grouped(lanes).flatMap(([group, own]) => [
    ...groupLines(group, options),
    ...own.flatMap(({ name, bars }) =>
      laneLine({ name, cells: barCells(bars, spanMs, widths.line, options), label: '' }, widths),
    ),
  ])
  return [...drawn, timeLine(spanMs, widths, options)]
}

const SHADES = ['█', '▓'] as const

function barCells(bars: readonly LabSpan[], spanMs: number, width: number, { style }: TextOptions): string {
  const step = spanMs / width
  return Array.from({ length: width }, (_, column) => {
    const [from, to] = [column * step, (column + 1) * step]
    // Of several bars in one cell, the one that fills most of it.
    let [best, most] = [-1, 0]
    for (const [index, { fromMs, toMs }] of bars.entries()) {
      const share = Math.min(to, toMs) - Math.max(from, fromMs)
      if (share > most) [best, most] = [index, share]
    }
    const bar = bars[best]
    if (bar === undefined || most < step / 4) return '·'
    const tone = TONE_STYLES[bar.tone]
    const cell = SHADES[best % SHADES.length] ?? '█'
    return tone === null ? cell : style(tone, cell)
  }).join('')
}
