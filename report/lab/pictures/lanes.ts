import type { LabTone } from '../../../core/lab-record.ts'
import { formatDuration } from '../../../core/quantities.ts'
import { wrapText } from '../../table.ts'
import type { TextOptions, TextStyle } from '../../text.ts'

/** How the tones look in a terminal. */
export const TONE_STYLES: Readonly<Record<LabTone, Parameters<TextStyle>[0] | null>> = {
  plain: null,
  good: 'good',
  bad: 'bad',
  busy: 'accent',
  faint: 'faint',
}

/** A line of time with fewer columns shows nothing. */
const LEAST_LINE = 12

/** How lanes are laid out. */
export interface LaneWidths {
  /** Whether the names stand above their lines. */
  readonly above: boolean
  /** Columns of the names beside the lines. */
  readonly name: number
  /** Columns of the lines of time. */
  readonly line: number
}

/** Columns of names and of the line of time beside them; where that leaves too few, the names stand above the lines. */
export function laneWidths(names: readonly string[], labels: readonly string[], columns: number): LaneWidths {
  const label = Math.max(0, ...labels.map((text) => text.length + 1))
  const widest = Math.max(0, ...names.map((text) => text.length))
  const name = Math.min(widest, Math.max(12, Math.floor(columns * 0.35)))
  const line = columns - name - 1 - label
  return line < LEAST_LINE ? { above: true, name: 0, line: Math.max(8, columns - 1) } : { above: false, name, line }
}

/** A line of a lane: its name, its cells, what is written behind. */
export function laneLine(
  { name, cells, label }: { readonly name: string; readonly cells: string; readonly label: string },
  widths: LaneWidths,
): string[] {
  if (widths.above) return [...wrapText(`${name}${label === '' ? '' : `: ${label}`}`, widths.line), cells]
  const lines = wrapText(name, widths.name)
  const last = (lines.at(-1) ?? '').padEnd(widths.name)
  return [...lines.slice(0, -1), `${last} ${cells}${label === '' ? '' : ` ${label}`}`]
}

/** The scale below lanes: 0 on the left, the whole time on the right. */
export function timeLine(spanMs: number, widths: LaneWidths, { style }: TextOptions): string {
  const end = durationText(spanMs)
  const indent = widths.above ? '' : ' '.repeat(widths.name + 1)
  return style('faint', `${indent}0${end.padStart(Math.max(end.length + 1, widths.line - 1))}`)
}

/** A time in ms as people read it: `850 ms`, `12 s`. */
export function durationText(ms: number): string {
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`
  return ms < 1000 ? `${Math.round(ms)} ms` : ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms / 1000)
}

/** Groups in the order in which they first appear, each with its items. */
export function grouped<T extends { readonly group: string }>(items: readonly T[]): [group: string, own: T[]][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item])
  return [...groups]
}

/** The heading of a group; no line where it has no name. */
export function groupLines(group: string, { columns, style }: TextOptions): string[] {
  return wrapText(group, columns).map((line) => style('faint', line))
}
