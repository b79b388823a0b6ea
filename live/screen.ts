import { boundText, heatBuckets, rowAt } from '../analysis/timeline/heat.ts'
import { type Lane, spinnerOf } from '../analysis/timeline/lane.ts'
import type { LoadColumn, Mark, Timeline } from '../analysis/timeline/state.ts'
import { formatDuration } from '../core/quantities.ts'
import { verdictsNote, verdictTexts } from '../report/verdict-texts.ts'
import { ageText, clockText, LATE_MS, loadTexts, stateText, unitTexts } from '../report/timeline-texts.ts'

/** What a piece of text stands for; the terminal decides how that looks. */
type Style = (kind: 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'accent', text: string) => string

/** How much room there is, and how text looks. */
export interface ScreenOptions {
  readonly columns: number
  readonly rows: number
  readonly style: Style
}

/** Fewest columns that the screen is made for; a narrower one gets lines that are cut. */
export const LEAST_COLUMNS = 60

/** Width of the labels of the heat map. */
const LABEL = 8

/** From no answer of a second in a bucket to all of them. */
const SHADES = [' ', '░', '▒', '▓', '█']

/** Buckets of the heat map that get a row of their own at most; where there are more, or no room, some share one. */
const HEAT_ROWS = 14

/** A heat map with fewer rows than these shows nothing: it is left out. */
const LEAST_HEAT_ROWS = 3

/** Lines around the rows of the heat map. */
const AROUND_HEAT = 4

/** Lines of events at least. */
const LEAST_MARKS = 3

/**
 * A run in text, in the four parts of the page: the load, its latencies second by second, the units, the events. As many
 * lines as fit; what there is no room for is left out from the end of each part, and said.
 */
export function screenOf(timeline: Timeline, { columns, rows, style }: ScreenOptions): string[] {
  const head = headLines(timeline, columns, style)
  const load = timeline.columns.length === 0 ? [] : loadLines(timeline, columns, style)
  const room = rows - head.length - load.length
  const units = unitLines(timeline, columns, Math.max(2, room - LEAST_MARKS - 2), style)
  const heatRows = Math.min(HEAT_ROWS, room - units.length - LEAST_MARKS - AROUND_HEAT)
  const isHot = timeline.columns.length > 0 && heatRows >= LEAST_HEAT_ROWS
  const heat = isHot ? heatLines(timeline, columns, heatRows, style) : []
  const verdicts = verdictLines(timeline, columns, room - units.length - heat.length - LEAST_MARKS - 2, style)
  const marks = markLines(timeline, columns, room - units.length - heat.length - verdicts.length, style)
  return [...head, ...load, ...heat, ...verdicts, ...units, ...marks].slice(0, rows)
}

function headLines(
  { experiment, id, launch, phase, stepLabel, ...rest }: Timeline,
  columns: number,
  style: Style,
): string[] {
  const { startedAtMs, nowMs, end } = rest
  const elapsed = startedAtMs === null ? '' : formatDuration(Math.max(0, Math.floor((nowMs - startedAtMs) / 1000)))
  const title = launch === '' ? `forkwise ${experiment}` : launch
  const status = end === null ? 'live' : end.failed ? 'failed' : 'over'
  const about = [`forkwise ${experiment}`, id, stepLabel, phase, elapsed].filter((part) => part !== '').join(' · ')
  const lines = [
    `${style('strong', cut(title, columns - 9))}  ${style(end?.failed === true ? 'bad' : 'good', `● ${status}`)}`,
  ]
  return [
    ...lines,
    style('faint', cut(about, columns)),
    ...(end?.failed === true ? [style('bad', cut(end.text, columns))] : []),
  ]
}

function loadLines({ columns: seconds }: Timeline, columns: number, style: Style): string[] {
  const last = seconds.at(-1) ?? null
  const late = last?.latenessP99Ms ?? 0
  const parts = loadTexts(last).map(([name, text]) => ({
    plain: `${name} ${text}`,
    styled: `${style('faint', name)} ${text}`,
  }))
  const lines = flow(parts, columns)
  if (late > LATE_MS)
    lines.push(style('warn', cut('The generator sends late: latencies are not the server’s alone.', columns)))
  return ['', style('accent', 'Load'), ...lines]
}

/** What the verdicts are so far, as many as there is room for. */
function verdictLines({ rounds }: Timeline, columns: number, room: number, style: Style): string[] {
  const newest = rounds.at(-1)
  if (newest === undefined || newest.verdicts.length === 0 || room < 4) return []
  const shown = newest.verdicts.slice(0, newest.verdicts.length > room - 3 ? room - 4 : room - 3)
  const lines = shown.map((verdict) => {
    const { subject, ratio, call } = verdictTexts(verdict, newest.final)
    return cut(`${subject}: ${ratio}, ${call}`, columns)
  })
  const hidden = newest.verdicts.length - shown.length
  return [
    '',
    style('accent', newest.final ? 'Verdicts' : 'Verdicts so far'),
    style('faint', cut(verdictsNote(newest.final), columns)),
    ...lines,
    ...(hidden > 0 ? [style('faint', `… and ${hidden} more`)] : []),
  ]
}

function heatLines({ columns: all, objective }: Timeline, columns: number, rows: number, style: Style): string[] {
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
    lines.unshift(`${style('faint', boundText(last).padStart(LABEL))} ${cells}`)
  }
  const below = seconds.map(({ failed, latenessP99Ms }) =>
    failed > 0 ? '!' : (latenessP99Ms ?? 0) > LATE_MS ? '~' : '─',
  )
  const goal = objective === null ? '' : ` · ╌ objective ${objective.text}`
  const legend = `░▒▓█ share of answers · ● p50 ○ p99 · ~ sent late · ! failed${goal}`
  return [
    '',
    style('accent', `Latency of the last ${seconds.length} s`),
    ...lines,
    `${' '.repeat(LABEL + 1)}${below.join('')}`,
    style('faint', cut(legend, columns)),
  ]
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

function unitLines({ lanes, nowMs }: Timeline, columns: number, room: number, style: Style): string[] {
  if (lanes.length === 0) return []
  const shown = lanes.slice(0, lanes.length > room ? room - 1 : room)
  const names = Math.max(...lanes.map(({ unit }) => unit.name.length))
  const states = Math.max(...lanes.map((lane) => stateText(lane, nowMs).length))
  const lines = shown.map((lane) => {
    const looks = laneLooks(lane)
    const state = stateText(lane, nowMs)
    const head = `${spinnerOf(lane)} ${lane.unit.name.padEnd(names)} ${String(lane.unit.pid).padStart(7)} `
    const rest = cut([state.padEnd(states), ...figuresText(lane, nowMs, columns)].join('  '), columns - head.length)
    return `${head}${looks === null ? rest : style(looks, rest)}`
  })
  const hidden = lanes.length - shown.length
  return ['', style('accent', 'Units'), ...lines, ...(hidden > 0 ? [style('faint', `… and ${hidden} more`)] : [])]
}

/** The last figures of a unit, the most informative first; a figure that its unit of measure explains has no name. */
function figuresText(lane: Lane, nowMs: number, columns: number): string[] {
  const age = ageText(lane, nowMs).padStart(6)
  if (lane.endedAtMs !== null) return [age]
  const texts = new Map(unitTexts(lane.seconds.at(-1) ?? null))
  const of = (name: string, width: number): string => (texts.get(name) ?? '').padStart(width)
  const first = [of('requests', 7), of('CPU', 10), of('memory', 8)]
  if (columns < 80) return first
  return [
    age,
    ...first,
    `loop busy ${of('loop busy', 5)}`,
    `in hand ${of('in hand', 3)}`,
    `connections ${of('connections', 4)}`,
  ]
}

function laneLooks({ state }: Lane): 'bad' | 'faint' | null {
  if (state === 'blocked' || state === 'gone') return 'bad'
  return state === 'alive' || state === 'running' ? null : 'faint'
}

function markLines({ marks, startedAtMs }: Timeline, columns: number, room: number, style: Style): string[] {
  if (room < 3 || marks.length === 0) return []
  const shown = marks.slice(2 - room).toReversed()
  const lines = shown.map((mark) => {
    const line = cut(markText(mark, startedAtMs), columns)
    return mark.level === 'info' ? line : style(mark.level === 'fault' ? 'bad' : 'warn', line)
  })
  return ['', style('accent', 'Events'), ...lines]
}

/** An event with its time since the start, in one line. */
export function markText({ atMs, text }: Mark, startedAtMs: number | null): string {
  return `${clockText(atMs - (startedAtMs ?? atMs)).padStart(6)}  ${text}`
}

/** Puts parts side by side, as many in a line as fit. */
function flow(parts: readonly { readonly plain: string; readonly styled: string }[], columns: number): string[] {
  const lines: { width: number; text: string }[] = []
  for (const { plain, styled } of parts) {
    const last = lines.at(-1)
    if (last === undefined || last.width + 3 + plain.length > columns) lines.push({ width: plain.length, text: styled })
    else {
      last.width += 3 + plain.length
      last.text += `   ${styled}`
    }
  }
  return lines.map(({ text }) => text)
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}
