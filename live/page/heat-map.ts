import { hasGap, heatBuckets, rowAt } from '../../analysis/timeline/heat.ts'
import type { Timeline, LoadColumn } from '../../analysis/timeline/state.ts'
import { isSentLate } from '../../core/lateness.ts'
import type { LatencyLimit } from '../../core/timeline.ts'
import { msText, secondText } from '../../report/timeline-texts.ts'
import { colour, element, say } from './elements.ts'
import { COLUMN, drawLatencies, drawTimes, FRAME } from './heat-axes.ts'

/** The choice that is no route. */
const ALL_ROUTES = ''

type Colours = [cell: string, late: string, bad: string]

/** The second that is looked at, by its time; null while none is. */
let chosenMs: number | null = null
/** The columns on the canvas, the newest to the right. */
let drawn: readonly LoadColumn[] = []

/** Lets a click on a column, and the arrow keys, choose the second whose figures are shown; Escape chooses none. */
export function listenToHeatMap(onChosen: () => void): void {
  const canvas = element('heat', HTMLCanvasElement)
  element('route', HTMLSelectElement).addEventListener('change', onChosen)
  const choose = (column: LoadColumn | undefined): void => {
    chosenMs = column?.atMs === chosenMs ? null : (column?.atMs ?? null)
    onChosen()
  }
  canvas.addEventListener('click', ({ offsetX }) => {
    const fromEnd = Math.ceil((canvas.clientWidth - offsetX) / COLUMN)
    choose(offsetX < FRAME.left ? undefined : drawn.at(-Math.max(1, fromEnd)))
  })
  canvas.addEventListener('keydown', (event) => {
    const place = drawn.findIndex(({ atMs }) => atMs === chosenMs)
    const to = { ArrowLeft: place === -1 ? drawn.length - 1 : place - 1, ArrowRight: place + 1 }[event.key]
    if (event.key === 'Escape') choose(undefined)
    else if (to !== undefined && drawn[to] !== undefined) choose(drawn[to])
    else return
    event.preventDefault()
  })
}

/**
 * Draws the latencies of each second as a column: a cell for each bucket, the darker the larger its share, with p50 and
 * p99 and the limits of the objective as lines. Seconds whose requests were sent late are grey.
 */
export function showHeatMap({ columns, objective }: Timeline, startMs: number): void {
  const canvas = element('heat', HTMLCanvasElement)
  const width = canvas.clientWidth
  if (width === 0) return
  const ratio = window.devicePixelRatio
  const limits = objective?.limits ?? []
  const route = showRoutes(columns)
  const stamp = `${columns.length} ${columns.at(-1)?.atMs ?? 0} ${width} ${ratio} ${colour('--ink')} ${chosenMs ?? ''} ${objective?.text ?? ''} ${route}`
  if (canvas.dataset['stamp'] === stamp) return
  canvas.dataset['stamp'] = stamp
  drawn = columns.slice(-Math.max(1, Math.floor((width - FRAME.left) / COLUMN)))
  canvas.dataset['columns'] = String(columns.length)
  canvas.setAttribute('aria-label', describe(drawn))
  showSecond(route, startMs)
  say(
    element('legend', HTMLElement),
    drawn.length === 0
      ? 'No second of load yet.'
      : `${LEGEND}${objective === null ? '' : ` Dotted: the objective ${objective.text}.`}`,
  )
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(FRAME.height * ratio)
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(ratio, ratio)
  draw(context, route === ALL_ROUTES ? drawn : drawn.map((column) => ofRoute(column, route)), width, {
    limits,
    startMs,
  })
}

/** Offers the routes of the newest second where it has several; gives the one that is chosen. */
function showRoutes(columns: readonly LoadColumn[]): string {
  const names = Object.keys(columns.at(-1)?.routes ?? {})
  const select = element('route', HTMLSelectElement)
  element('route-choice', HTMLElement).hidden = names.length === 0
  const stamp = JSON.stringify(names)
  if (select.dataset['stamp'] !== stamp) {
    select.dataset['stamp'] = stamp
    const chosen = select.value
    select.replaceChildren(new Option('all', ALL_ROUTES), ...names.map((name) => new Option(name, name)))
    select.value = names.includes(chosen) ? chosen : ALL_ROUTES
  }
  return select.value
}

/** A second with the answers of one route; the quantiles are those of all routes, and are left out. */
function ofRoute(column: LoadColumn, route: string): LoadColumn {
  return { ...column, counts: column.routes?.[route] ?? [], p50Ms: null, p99Ms: null }
}

function showSecond(route: string, startMs: number): void {
  const second = drawn.find(({ atMs }) => atMs === chosenMs)
  const box = element('second', HTMLElement)
  box.hidden = second === undefined
  say(box, second === undefined ? '' : secondText(second, startMs, route))
}

const LEGEND =
  'Each column is one second of load, each cell the share of its answers whose latency is up to that of its upper edge: the darker, the more. Lines: p50 (solid), p99 (dashed). Grey columns: the generator was late. Red below: requests failed. An upright line: no load in between. Click a column, or use the arrow keys, for its figures.'

function draw(
  context: CanvasRenderingContext2D,
  columns: readonly LoadColumn[],
  width: number,
  { limits, startMs }: { readonly limits: readonly LatencyLimit[]; readonly startMs: number },
): void {
  const [lowest, highest] = heatBuckets(columns, limits)
  const bottom = FRAME.height - FRAME.bottom
  const rowHeight = (bottom - FRAME.top) / (highest - lowest + 1)
  const top = (row: number): number => bottom - (row - lowest + 1) * rowHeight
  const left = (place: number): number => width - (columns.length - place) * COLUMN
  const [cell, late, bad] = ['--s1', '--same-tint', '--bad'].map(colour) as Colours
  context.font = '12px system-ui, sans-serif'
  context.textBaseline = 'middle'
  columns.forEach((column, place) => {
    if (!isSentLate(column)) return
    context.fillStyle = late
    context.fillRect(left(place), FRAME.top, COLUMN, bottom - FRAME.top)
  })
  const rows = Array.from({ length: highest - lowest + 1 }, (_, place) => lowest + place)
  drawLatencies(context, rows, { top, width })
  columns.forEach((column, place) => {
    const total = column.counts.reduce((sum, count) => sum + count, 0)
    context.fillStyle = cell
    column.counts.forEach((count, row) => {
      if (count === 0) return
      context.globalAlpha = 0.15 + 0.85 * Math.sqrt(count / total)
      context.fillRect(left(place), top(row) + 1, COLUMN - 1, rowHeight - 1)
    })
    context.globalAlpha = 1
    if (column.failed === 0) return
    context.fillStyle = bad
    context.fillRect(left(place), bottom + 2, COLUMN - 1, 4)
  })
  drawTimes(context, columns, { left, bottom, width, startMs })
  const chosen = columns.findIndex(({ atMs }) => atMs === chosenMs)
  if (chosen !== -1) {
    context.strokeStyle = colour('--ink')
    context.lineWidth = 1
    context.strokeRect(left(chosen) - 0.5, FRAME.top + 0.5, COLUMN, bottom - FRAME.top)
  }
  const y = (ms: number): number => bottom - (rowAt(ms) - lowest) * rowHeight
  drawLine(context, columns, left, (column) => (column.p50Ms === null ? null : y(column.p50Ms)), '--ink', [])
  drawLine(context, columns, left, (column) => (column.p99Ms === null ? null : y(column.p99Ms)), '--s2', [5, 3])
  for (const { name, ms } of limits) {
    context.strokeStyle = bad
    context.setLineDash([2, 3])
    context.beginPath()
    context.moveTo(FRAME.left, y(ms))
    context.lineTo(width, y(ms))
    context.stroke()
    context.setLineDash([])
    context.fillStyle = bad
    context.fillText(`${name} < ${msText(ms)}`, FRAME.left + 4, y(ms) - 8)
  }
}

function drawLine(
  context: CanvasRenderingContext2D,
  columns: readonly LoadColumn[],
  left: (place: number) => number,
  y: (column: LoadColumn) => number | null,
  name: string,
  dash: number[],
): void {
  context.strokeStyle = colour(name)
  context.lineWidth = 2
  context.setLineDash(dash)
  context.beginPath()
  let begun = false
  columns.forEach((column, place) => {
    const at = y(column)
    if (at === null || hasGap(columns[place - 1], column)) begun = false
    if (at === null) return
    if (begun) context.lineTo(left(place) + COLUMN / 2, at)
    else context.moveTo(left(place) + COLUMN / 2, at)
    begun = true
  })
  context.stroke()
  context.setLineDash([])
}

function describe(columns: readonly LoadColumn[]): string {
  const last = columns.at(-1)
  if (last === undefined) return 'No second of load yet.'
  const p99 = columns.flatMap(({ p99Ms }) => (p99Ms === null ? [] : [p99Ms]))
  return `Heat map of the latencies of ${columns.length} seconds. In the last one p50 was ${msText(last.p50Ms)} and p99 ${msText(last.p99Ms)}; the highest p99 of all was ${msText(p99.length === 0 ? null : Math.max(...p99))}.`
}
