import { currentSecond, shownSecond } from '../analysis/timeline/current-figures.ts'
import { type Lane, spinnerOf } from '../analysis/timeline/lane.ts'
import type { Mark } from '../analysis/timeline/mark.ts'
import type { Timeline } from '../analysis/timeline/state.ts'
import { isSentLate } from '../core/lateness.ts'
import { verdictsNote, verdictTexts } from '../report/verdict-texts.ts'
import {
  ageText,
  clockText,
  loadMomentText,
  loadTexts,
  momentText,
  stateText,
  unitTexts,
} from '../report/timeline-texts.ts'
import { heatLines } from './screen-heat.ts'
import { cut, flow, type Style } from './screen-text.ts'

/** How much room there is, and how text looks. */
export interface ScreenOptions {
  readonly columns: number
  readonly rows: number
  readonly style: Style
  /** The run is shown as it was at an earlier moment. */
  readonly past?: boolean
}

/** Fewest columns that the screen is made for; a narrower one gets lines that are cut. */
export const LEAST_COLUMNS = 60

/** Lines of events at least. */
const LEAST_MARKS = 3

/**
 * A run in text, in the four parts of the page: the load, its latencies second by second, the units, the events. As many
 * lines as fit; what there is no room for is left out from the end of each part, and said.
 */
export function screenOf(timeline: Timeline, { columns, rows, style, past = false }: ScreenOptions): string[] {
  const head = headLines(timeline, columns, style, past)
  const load = loadLines(timeline, columns, style)
  const room = rows - head.length - load.length
  const units = unitLines(timeline, columns, Math.max(2, room - LEAST_MARKS - 2), style)
  const heat = heatLines(timeline, columns, room - units.length - LEAST_MARKS, style)
  const verdicts = verdictLines(timeline, columns, room - units.length - heat.length - LEAST_MARKS - 2, style)
  const marks = markLines(timeline, columns, room - units.length - heat.length - verdicts.length, style)
  return [...head, ...load, ...heat, ...verdicts, ...units, ...marks].slice(0, rows)
}

function headLines(timeline: Timeline, columns: number, style: Style, past: boolean): string[] {
  const { experiment, id, launch, phase, stepLabel, end } = timeline
  const title = launch || stepLabel || `forkwise ${experiment}`
  const status = past ? 'as it was' : end === null ? 'live' : end.failed ? 'failed' : 'over'
  const state = `● ${status}  ${momentText(timeline)}`
  const about = [`forkwise ${experiment}`, id, stepLabel, phase].filter((part) => part !== '').join(' · ')
  const isBad = !past && end?.failed === true
  return [
    `${style('strong', cut(title, columns - state.length - 2))}  ${style(isBad ? 'bad' : 'good', state)}`,
    style('faint', cut(about, columns)),
    ...(isBad ? [style('bad', cut(end.text, columns))] : []),
  ]
}

function loadLines(timeline: Timeline, columns: number, style: Style): string[] {
  const shown = shownSecond(timeline)
  if (shown === null) return []
  const parts = loadTexts(shown.second).map(([name, text]) => ({
    plain: `${name} ${text}`,
    styled: `${style('faint', name)} ${text}`,
  }))
  const lines = flow(parts, columns)
  if (isSentLate(shown.second))
    lines.push(style('warn', cut('The generator sends late: latencies are not the server’s alone.', columns)))
  const moment = loadMomentText(shown, timeline, timeline.startedAtMs ?? shown.second.atMs)
  return ['', titled('Load', moment, columns, style), ...lines]
}

/** The title of a part, and what is to be known to read it. */
function titled(title: string, note: string, columns: number, style: Style): string {
  return `${style('accent', title)}  ${style('faint', cut(note, columns - title.length - 2))}`
}

/** What the verdicts are so far, as many as there is room for; where one does not fit in a line, its word comes first in a second. */
function verdictLines({ rounds }: Timeline, columns: number, room: number, style: Style): string[] {
  const newest = rounds.at(-1)
  if (newest === undefined || newest.verdicts.length === 0) return []
  const all = newest.verdicts.map((verdict) => {
    const { subject, ratio, call } = verdictTexts(verdict, newest.final)
    const line = `${subject}: ${ratio}, ${call}`
    return line.length <= columns ? [line] : [cut(subject, columns), cut(`  ${call}: ${ratio}`, columns)]
  })
  const lines = all.reduce((sum, each) => sum + each.length, 0)
  let left = room - 3 - (lines > room - 3 ? 1 : 0)
  const shown = all.filter((each) => (left -= each.length) >= 0)
  if (shown.length === 0) return []
  const hidden = all.length - shown.length
  return [
    '',
    style('accent', newest.final ? 'Verdicts' : 'Verdicts so far'),
    style('faint', cut(verdictsNote(newest.final), columns)),
    ...shown.flat(),
    ...(hidden > 0 ? [style('faint', `… and ${hidden} more`)] : []),
  ]
}

/** What stands before and beside a unit. */
const UNITS_LEGEND = '⠋ its event loop turns · • no heartbeat · ✕ ended'

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
  return [
    '',
    titled('Units', UNITS_LEGEND, columns, style),
    ...lines,
    ...(hidden > 0 ? [style('faint', `… and ${hidden} more`)] : []),
  ]
}

/** The last figures of a unit, the most informative first; a figure that its unit of measure explains has no name. */
function figuresText(lane: Lane, nowMs: number, columns: number): string[] {
  const age = ageText(lane, nowMs).padStart(6)
  if (lane.endedAtMs !== null) return [age]
  const texts = new Map(unitTexts(currentSecond(lane, nowMs)))
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
