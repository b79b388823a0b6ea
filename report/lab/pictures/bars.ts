import { boundsOf } from '../../../core/estimate.ts'
import type { BarsPicture } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import type { TextOptions } from '../../text.ts'
import { grouped, laneLine, laneWidths } from './lanes.ts'

/** Bars from the left, each with its figure; `◆` is what was predicted. */
export function barLines({ bars, unit, log }: BarsPicture, options: TextOptions): string[] {
  const { style, columns } = options
  const labels = bars.map((bar) => labelOf(bar, unit))
  const widths = laneWidths(
    bars.map(({ name }) => name),
    labels,
    columns,
  )
  const values = bars.flatMap(({ value, predicted }) => (predicted === null ? [value] : [value, predicted]))
  const length = barLength(values, widths.line, log)
  return grouped(bars.map((bar, index) => ({ ...bar, label: labels[index] ?? '' }))).flatMap(([group, own]) => [
    ...(group === '' ? [] : [style('faint', group)]),
    ...own.flatMap(({ name, value, predicted, label }) => {
      const filled = length(value)
      const mark = predicted === null ? -1 : Math.min(widths.line - 1, length(predicted))
      const cells = Array.from({ length: widths.line }, (_, column) =>
        column === mark ? '◆' : column < filled ? '█' : ' ',
      )
      return laneLine({ name, cells: cells.join(''), label }, widths)
    }),
  ])
}

/** Cells of a bar: in proportion, or by the logarithm from just below the least value. */
function barLength(values: readonly number[], width: number, log: boolean): (value: number) => number {
  const most = Math.max(0, ...values)
  if (!log) return (value) => (most > 0 ? Math.round((Math.max(0, value) / most) * width) : 0)
  const positive = values.filter((value) => value > 0)
  if (positive.length === 0) return () => 0
  const least = Math.min(...positive) / 2
  return (value) =>
    value > 0 ? Math.max(1, Math.round((Math.log(value / least) / Math.log(most / least)) * width)) : 0
}

/** A figure with its interval where there is one: `12.3 (11–14) ms`. */
function labelOf({ value, low, high }: BarsPicture['bars'][number], unit: string): string {
  const bounds = low === null || high === null ? [null, null] : boundsOf({ estimate: value, low, high })
  const interval =
    bounds[0] === null || bounds[1] === null || bounds[0] === bounds[1]
      ? ''
      : ` (${significant(bounds[0] ?? 0)}–${significant(bounds[1] ?? 0)})`
  return `${significant(value)}${interval}${unit === '' ? '' : ` ${unit}`}`
}
