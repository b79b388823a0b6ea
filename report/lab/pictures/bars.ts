import { boundsOf } from '../../../core/estimate.ts'
import type { BarsPicture } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import { tickLabel } from '../../html/charts/scale.ts'
import { wrapText } from '../../table.ts'
import type { TextOptions } from '../../text.ts'
import { grouped, groupLines, laneLine, laneWidths } from './lanes.ts'

/** Bars from the left, each with its figure; `◆` is what was predicted, `┊` the ticks of a logarithmic axis. */
export function barLines({ bars, unit, log }: BarsPicture, options: TextOptions): string[] {
  const { columns, style } = options
  const labels = bars.map((bar) => labelOf(bar, unit))
  const widths = laneWidths(
    bars.map(({ name }) => name),
    labels,
    columns,
  )
  const values = bars.flatMap(({ value, predicted }) => (predicted === null ? [value] : [value, predicted]))
  const axis = log ? logAxis(values, widths.line) : linearAxis(values, widths.line)
  const ticks = new Set(axis.ticks.map(({ cell }) => cell))
  const drawn = grouped(bars.map((bar, index) => ({ ...bar, label: labels[index] ?? '' }))).flatMap(([group, own]) => [
    ...groupLines(group, options),
    ...own.flatMap(({ name, value, predicted, label }) => {
      const filled = axis.length(value)
      const mark = predicted === null ? -1 : Math.min(widths.line - 1, axis.length(predicted))
      const cells = Array.from({ length: widths.line }, (_, column) => {
        if (column === mark) return '◆'
        return column < filled ? '█' : ticks.has(column) ? style('faint', '┊') : ' '
      })
      return laneLine({ name, cells: cells.join(''), label }, widths)
    }),
  ])
  if (axis.ticks.length === 0) return drawn
  const indent = ' '.repeat(widths.above ? 0 : widths.name + 1)
  const note = 'The axis is logarithmic: each ┊ is ten times the one before.'
  return [...drawn, `${indent}${tickLine(axis.ticks, widths.line)}`, ...wrapText(note, columns)].map((line, index) =>
    index < drawn.length ? line : style('faint', line),
  )
}

interface BarAxis {
  /** Cells of a bar. */
  length(value: number): number
  /** The cell right behind a bar of that value. */
  readonly ticks: readonly { readonly value: number; readonly cell: number }[]
}

/** Bars in proportion; the figures beside them are enough to read them. */
function linearAxis(values: readonly number[], width: number): BarAxis {
  const most = Math.max(0, ...values)
  return { length: (value) => (most > 0 ? Math.round((Math.max(0, value) / most) * width) : 0), ticks: [] }
}

/** Bars by the logarithm, from half of the least value; a tick for each power of ten. */
function logAxis(values: readonly number[], width: number): BarAxis {
  const positive = values.filter((value) => value > 0)
  if (positive.length === 0) return { length: () => 0, ticks: [] }
  const [least, most] = [Math.min(...positive) / 2, Math.max(...positive)]
  const length = (value: number): number =>
    value > 0 ? Math.max(1, Math.round((Math.log(value / least) / Math.log(most / least)) * width)) : 0
  const first = Math.ceil(Math.log10(least))
  const powers = Array.from({ length: Math.floor(Math.log10(most)) - first + 1 }, (_, index) =>
    Number((10 ** (first + index)).toPrecision(1)),
  )
  return { length, ticks: powers.map((value) => ({ value, cell: length(value) })).filter(({ cell }) => cell < width) }
}

/** The values of ticks, each below its tick; those for which there is no room are left out. */
function tickLine(ticks: BarAxis['ticks'], width: number): string {
  let line = ''
  for (const { value, cell } of ticks) {
    const text = tickLabel(value)
    if (cell < line.length + (line === '' ? 0 : 1) || cell + text.length > width) continue
    line = `${line.padEnd(cell)}${text}`
  }
  return line
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
