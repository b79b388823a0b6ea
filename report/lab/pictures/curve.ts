import type { CurvePicture } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import { wrapText } from '../../table.ts'
import type { TextOptions } from '../../text.ts'

const HEIGHT = 14

/** Marks of the series that were measured, in their order: a letter each where there are more series than these. */
const MEASURED_MARKS = ['●', '▲', '■', '✚', '✱', '△', '□', '◇', '☆'] as const
const STYLE_MARKS = { fitted: '∙', reference: '○', predicted: '◆' } as const

/** Figures over a quantity, as marks in a grid; what was measured lies in front, intervals are `│`. */
export function curveLines(picture: CurvePicture, options: TextOptions): string[] {
  const { series, x, y, marks } = picture
  const { style, columns } = options
  const all = series.flatMap(({ points }) => points)
  if (all.length === 0) return [style('faint', 'Nothing was measured.')]
  const tops = all.map((point) => Math.min(point.high ?? point.y, 2.5 * point.y))
  const up = position(
    [Math.min(y.log ? Infinity : 0, ...all.map((point) => point.y)), Math.max(...tops)],
    HEIGHT,
    y.log,
  )
  const labels = [up.high, up.middle, up.low].map(significant)
  const room = Math.max(...labels.map(({ length }) => length))
  const width = Math.max(8, columns - room - 2)
  const xs = [...all.map((point) => point.x), ...marks.map((mark) => mark.x)]
  const across = position([Math.min(...xs), Math.max(...xs)], width, x.log)
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: width }, () => ' '))
  const set = (row: number, column: number, mark: string): void => {
    const line = grid[HEIGHT - 1 - row]
    if (line !== undefined) line[column] = mark
  }
  for (const mark of marks) for (let row = 0; row < HEIGHT; row++) set(row, across.at(mark.x), '┊')
  const marked = markedSeries(series)
  const drawn = marked.toSorted((a, b) => BEHIND_TO_FRONT.indexOf(a.style) - BEHIND_TO_FRONT.indexOf(b.style))
  for (const { points, mark } of drawn) {
    for (const point of points) {
      if (point.low === null || point.high === null) continue
      const [low, high] = [up.at(point.low), up.at(point.high)]
      for (let row = low; row <= high; row++) set(row, across.at(point.x), '│')
    }
    for (const point of points) set(up.at(point.y), across.at(point.x), mark)
  }
  const rows = grid.map((line, index) => {
    const label = { 0: labels[0], [HEIGHT >> 1]: labels[1], [HEIGHT - 1]: labels[2] }[index] ?? ''
    return `${label.padStart(room)} │${line.join('')}`.trimEnd()
  })
  const [least, most] = [significant(across.low), significant(across.high)]
  const legend = [
    ...marked.map(({ name, mark }) => `${mark} ${name}`),
    ...marks.map(({ label, x: at }) => `┊ ${label} (${significant(at)})`),
  ].join('  ')
  return [
    ...wrapText(axisText(y, up.isLog), columns).map((line) => style('faint', line)),
    ...rows,
    style('faint', `${' '.repeat(room + 2)}${least}${most.padStart(Math.max(most.length + 1, width - least.length))}`),
    ...wrapText(axisText(x, across.isLog), columns).map((line) => style('faint', line)),
    ...wrapText(legend, columns),
  ]
}

type MarkedSeries = CurvePicture['series'][number] & { readonly mark: string }

/** Each series with a sign of its own. */
function markedSeries(series: CurvePicture['series']): MarkedSeries[] {
  const measured = series.filter(({ style }) => style === 'measured')
  return series.map((each) => ({
    ...each,
    mark: each.style === 'measured' ? measuredMark(measured.indexOf(each)) : STYLE_MARKS[each.style],
  }))
}

function measuredMark(place: number): string {
  return MEASURED_MARKS[place] ?? String.fromCodePoint(0x61 + place - MEASURED_MARKS.length)
}

const BEHIND_TO_FRONT = ['reference', 'fitted', 'measured', 'predicted']

/** Cells along an axis, 0 at its low end; values beyond its ends are put there. */
function position(
  [low, high]: readonly [number, number],
  cells: number,
  log: boolean,
): {
  readonly isLog: boolean
  readonly low: number
  readonly middle: number
  readonly high: number
  readonly at: (value: number) => number
} {
  const isLog = log && low > 0
  const [to, from] = isLog ? [Math.log, Math.exp] : [(value: number) => value, (value: number) => value]
  const [start, end] = [to(low), high > low ? to(high) : to(low) + 1]
  return {
    isLog,
    low,
    middle: from((start + end) / 2),
    high: high > low ? high : from(end),
    at: (value) => {
      const share = (to(isLog ? Math.max(value, low) : value) - start) / (end - start)
      return Math.round(Math.min(1, Math.max(0, share)) * (cells - 1))
    },
  }
}

function axisText({ title, unit }: CurvePicture['x'], isLog: boolean): string {
  return `${title} ${unit}`.trimEnd() + (isLog ? ', logarithmic' : '')
}
