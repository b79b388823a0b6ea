import { boundText, hasGap, heatBuckets, rowAt } from '../analysis/timeline/heat.ts'
import type { LoadColumn, Timeline } from '../analysis/timeline/state.ts'
import { countText } from '../analysis/wording.ts'
import { isSentLate } from '../core/lateness.ts'
import { clockText } from '../report/timeline-texts.ts'
import { flow, type Style } from './screen-text.ts'

/** Width of the labels of the latencies. */
const LABEL = 8

/** From no answer of a second in a bucket to all of them. */
const SHADES = [' ', '░', '▒', '▓', '█']

/** Buckets that get a row of their own at most; where there are more, or no room, some share one. */
const MOST_ROWS = 14

/** A heat map with fewer rows than these shows nothing: it is left out. */
const LEAST_ROWS = 3

/** A blank line, the title, the marks of the seconds and their times. */
const AROUND = 4

/**
 * The latencies of the last seconds of load, a column for each, in so many lines at most; none where there is no second, or
 * no room.
 */
export function heatLines(timeline: Timeline, columns: number, room: number, style: Style): string[] {
  const { columns: all, objective, startedAtMs } = timeline
  const legend = legendLines(objective?.text ?? null, columns)
  const rows = Math.min(MOST_ROWS, room - AROUND - legend.length)
  if (all.length === 0 || rows < LEAST_ROWS) return []
  const seconds = all.slice(-(columns - LABEL - 1))
  const limits = objective?.limits ?? []
  const [lowest, highest] = heatBuckets(seconds, limits)
  const together = Math.ceil((highest - lowest + 1) / rows)
  const lines: string[] = []
  for (let bucket = lowest; bucket <= highest; bucket += together) {
    const last = Math.min(highest, bucket + together - 1)
    const isLimit = limits.some(({ ms }) => rowAt(ms) > bucket && rowAt(ms) <= last + 1)
    const cells = seconds
      .map((second) => cellText(second, bucket, last))
      .map((cell) => (isLimit && cell === ' ' ? '╌' : cell))
      .join('')
    const bound = boundText(last)
    lines.unshift(`${style('faint', (bound === 'above' ? bound : `≤ ${bound}`).padStart(LABEL))} ${cells}`)
  }
  const startMs = startedAtMs ?? seconds[0]?.atMs ?? 0
  const below = seconds.map((second, place) =>
    second.failed > 0 ? '!' : isSentLate(second) ? '~' : hasGap(seconds[place - 1], second) ? '┼' : '─',
  )
  return [
    '',
    style('accent', `Latency, the last ${countText(seconds.length, 'second')} of load`),
    ...lines,
    `${' '.repeat(LABEL + 1)}${below.join('')}`,
    style('faint', `${'at'.padStart(LABEL)} ${timesText(seconds, startMs)}`),
    ...legend.map((line) => style('faint', line)),
  ]
}

function legendLines(objective: string | null, columns: number): string[] {
  const parts = ['░▒▓█ share of answers', '● p50 ○ p99', '~ sent late', '! failed', '┼ no load before']
  if (objective !== null) parts.push(`╌ objective ${objective}`)
  return flow(
    parts.map((part) => ({ plain: part, styled: part })),
    columns,
  )
}

/** When in the run seconds ended: the first, those with which a load begins, and the last, below their columns, where there is room. */
function timesText(seconds: readonly LoadColumn[], startMs: number): string {
  const last = clockText((seconds.at(-1)?.atMs ?? startMs) - startMs)
  const lastAt = Math.max(0, seconds.length - last.length)
  let text = ''
  for (const [place, second] of seconds.entries()) {
    if (place > 0 && !hasGap(seconds[place - 1], second)) continue
    const label = clockText(second.atMs - startMs)
    const isFree = text === '' || place > text.length
    if (isFree && place + label.length < lastAt) text = `${text.padEnd(place)}${label}`
  }
  return `${text.padEnd(lastAt)}${last}`
}

/** A second in the buckets from one to another. */
function cellText({ counts, p50Ms, p99Ms }: LoadColumn, first: number, last: number): string {
  const isHere = (ms: number | null): boolean => ms !== null && rowAt(ms) >= first && rowAt(ms) < last + 1
  if (isHere(p50Ms)) return '●'
  if (isHere(p99Ms)) return '○'
  const total = counts.reduce((sum, count) => sum + count, 0)
  const here = counts.slice(first, last + 1).reduce((sum, count) => sum + count, 0)
  if (here === 0) return ' '
  return SHADES[Math.max(1, Math.ceil(Math.sqrt(here / total) * (SHADES.length - 1)))] ?? ''
}
