import { currentSecond } from '../../analysis/timeline/current-figures.ts'
import { hasGap } from '../../analysis/timeline/heat.ts'
import { type Lane, spinnerOf } from '../../analysis/timeline/lane.ts'
import type { Timeline } from '../../analysis/timeline/state.ts'
import { ageText, stateText, unitTexts } from '../../report/timeline-texts.ts'
import { element, make, say } from './elements.ts'

/** Most and least seconds of a unit's life that its lane shows. */
const SPAN_S = { most: 60, least: 15 }

const WIDTH = 240
const HEIGHT = 28
const SVG = 'http://www.w3.org/2000/svg'

interface Row {
  readonly item: HTMLLIElement
  readonly spinner: HTMLElement
  readonly state: HTMLElement
  readonly name: HTMLElement
  readonly age: HTMLElement
  readonly figures: readonly HTMLElement[]
  readonly strip: SVGSVGElement
}

const rows = new Map<string, Row>()

/** Shows a lane for each unit, in order; those of other launches leave. */
export function showLanes(state: Timeline): void {
  const { lanes, nowMs } = state
  const list = element('lanes', HTMLUListElement)
  const none = element('no-units', HTMLElement)
  none.hidden = lanes.length > 0
  say(none, noUnitsText(state))
  element('lanes-legend', HTMLElement).hidden = lanes.length === 0
  const shown = new Set(lanes.map(({ unit }) => unit.key))
  for (const [key, row] of rows) {
    if (shown.has(key)) continue
    row.item.remove()
    rows.delete(key)
  }
  const firstMs = Math.min(...lanes.map(({ bornAtMs }) => bornAtMs))
  lanes.forEach((lane, place) => {
    const row = rows.get(lane.unit.key) ?? makeRow(lane)
    rows.set(lane.unit.key, row)
    if (list.children[place] !== row.item) list.insertBefore(row.item, list.children[place] ?? null)
    showLane(row, lane, nowMs, firstMs)
  })
}

/** Why no unit is shown. */
function noUnitsText({ experiment, end }: Timeline): string {
  if (experiment === 'load') return 'The server was not started by this command, so that its units are not seen here.'
  return end === null ? 'No unit is known yet.' : 'No unit was in service, or none was kept.'
}

function showLane(row: Row, lane: Lane, nowMs: number, firstMs: number): void {
  row.item.dataset['state'] = lane.state
  row.item.dataset['turned'] = String(lane.turnedAtS)
  row.item.dataset['told'] = String(lane.toldAtS)
  say(row.spinner, spinnerOf(lane))
  say(row.state, stateText(lane, nowMs))
  say(row.age, ageText(lane, nowMs))
  unitTexts(currentSecond(lane, nowMs)).forEach(([, text], place) => {
    const value = row.figures[place]
    if (value !== undefined) say(value, text)
  })
  const stamp = `${lane.state} ${lane.seconds.length} ${lane.troubles.length} ${Math.floor(nowMs / 1000)}`
  if (row.strip.dataset['stamp'] === stamp) return
  row.strip.dataset['stamp'] = stamp
  drawStrip(row.strip, lane, nowMs, nowMs - firstMs)
}

function makeRow({ unit, restarts }: Lane): Row {
  const item = make('li')
  item.dataset['unit'] = unit.name
  item.dataset['pid'] = String(unit.pid)
  const spinner = make('span', 'spinner')
  spinner.setAttribute('aria-hidden', 'true')
  const head = make('div', 'head')
  const name = make('strong', '', unit.name)
  const about = make('span', 'about', `${unit.role}, pid ${unit.pid}${restarts > 0 ? `, ${restarts}× restarted` : ''}`)
  const state = make('span', 'state')
  const age = make('span', 'age')
  head.append(name, about, state, age)
  const list = make('dl', 'unit')
  const figures = unitTexts(null).map(([label]) => {
    const box = make('div')
    const value = make('dd')
    box.append(make('dt', '', label), value)
    list.append(box)
    return value
  })
  const strip = document.createElementNS(SVG, 'svg')
  strip.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
  strip.setAttribute('preserveAspectRatio', 'none')
  strip.setAttribute('aria-hidden', 'true')
  item.append(spinner, head, list, strip)
  return { item, spinner, state, name, age, figures, strip }
}

/** The last minute of a unit, or as much as its launch has had: its life as a bar, its requests as a line, its troubles as blocks. */
function drawStrip(strip: SVGSVGElement, lane: Lane, nowMs: number, launchMs: number): void {
  const spanMs = 1000 * Math.min(SPAN_S.most, Math.max(SPAN_S.least, launchMs / 1000))
  const fromMs = nowMs - spanMs
  const x = (atMs: number): number => Math.round((Math.max(0, atMs - fromMs) / spanMs) * WIDTH * 10) / 10
  const shape = (name: string, attributes: Readonly<Record<string, string | number>>): SVGElement => {
    const made = document.createElementNS(SVG, name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
    return made
  }
  const bar = (className: string, from: number, to: number): SVGElement =>
    shape('rect', { class: className, x: x(from), y: 0, width: Math.max(0, x(to) - x(from)), height: HEIGHT })
  const seconds = lane.seconds.slice(-SPAN_S.most).filter(({ atMs }) => atMs >= fromMs)
  const most = Math.max(1, ...seconds.map(({ ratePerS }) => ratePerS ?? 0))
  const path = seconds.flatMap((second, place) => {
    const { atMs, ratePerS } = second
    if (ratePerS === null) return []
    const before = seconds[place - 1]
    const step = before === undefined || before.ratePerS === null || hasGap(before, second) ? 'M' : 'L'
    return [`${step}${x(atMs)} ${Math.round((HEIGHT - 3 - (ratePerS / most) * (HEIGHT - 6)) * 10) / 10}`]
  })
  const troubles = lane.troubles
    .filter(({ toMs }) => (toMs ?? nowMs) >= fromMs)
    .map(({ state, fromMs: from, toMs }) => bar(`trouble ${state}`, from, toMs ?? nowMs))
  strip.replaceChildren(
    bar('life', lane.bornAtMs, lane.endedAtMs ?? nowMs),
    ...troubles,
    shape('path', { class: 'rate', d: path.join('') }),
  )
}
