import type { HeatPicture } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import type { TextOptions } from '../../text.ts'

const SHADES = ['·', '░', '▒', '▓', '█'] as const

/** How often each value was met in each stretch of time: the more, the darker, by the logarithm. */
export function heatLines({ x, y, counts }: HeatPicture, { style, columns }: TextOptions): string[] {
  const labels = y.edges.slice(0, -1).map((edge) => significant(edge))
  const room = Math.max(0, ...labels.map(({ length }) => length))
  const width = Math.max(4, columns - room - 1)
  const most = Math.max(1, ...counts.flat())
  const [across] = [Math.max(1, ...counts.map(({ length }) => length))]
  const rows = counts.map((row, index) => {
    const cells = merged(row, Math.min(across, width)).map((count) => shadeOf(count, most))
    return `${(labels[index] ?? '').padStart(room)} ${cells.join('')}`
  })
  const foot = `${x.title} ${significant(x.edges[0] ?? 0)}–${significant(x.edges.at(-1) ?? 0)} ${x.unit}`.trimEnd()
  return [
    style('faint', `${y.title} ${y.unit}`.trimEnd()),
    ...rows.toReversed(),
    style('faint', `${' '.repeat(room + 1)}${foot}`.slice(0, Math.max(columns, foot.length))),
  ]
}

function shadeOf(count: number, most: number): string {
  if (count === 0) return ' '
  const share = Math.log1p(count) / Math.log1p(most)
  return SHADES[Math.min(SHADES.length - 1, Math.floor(share * SHADES.length))] ?? '█'
}

/** Neighbouring counts added up, so that `wanted` counts are left. */
function merged(row: readonly number[], wanted: number): number[] {
  const cells = Array.from({ length: wanted }, () => 0)
  for (const [index, count] of row.entries()) {
    const at = Math.min(wanted - 1, Math.floor((index * wanted) / row.length))
    cells[at] = (cells[at] ?? 0) + count
  }
  return cells
}
