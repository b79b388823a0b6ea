import type { DotsPicture } from '../../../core/lab-record.ts'
import type { TextOptions } from '../../text.ts'
import { grouped, groupLines, laneLine, laneWidths, timeLine } from './lanes.ts'

/** Moments as dots on a line of time for each lane; what lasted is the shaded part of the line. */
export function dotLines({ lanes, spanMs }: DotsPicture, options: TextOptions): string[] {
  const { columns } = options
  const widths = laneWidths(
    lanes.map(({ name }) => name),
    lanes.map(({ label }) => label),
    columns,
  )
  const at = (ms: number): number => Math.min(widths.line - 1, Math.floor((ms / spanMs) * widths.line))
  const drawn = grouped(lanes).flatMap(([group, own]) => [
    ...groupLines(group, options),
    ...own.flatMap(({ name, dotsMs, spans, label }) => {
      const dots = new Set(dotsMs.map(at))
      const cells = Array.from({ length: widths.line }, (_, column) => {
        if (dots.has(column)) return '●'
        return spans.some(({ fromMs, toMs }) => column >= at(fromMs) && column <= at(toMs)) ? '░' : ' '
      })
      return laneLine({ name, cells: cells.join(''), label }, widths)
    }),
  ])
  return [...drawn, timeLine(spanMs, widths, options)]
}
