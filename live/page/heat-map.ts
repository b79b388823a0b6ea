import { boundText, heatBuckets, rowAt } from '../../analysis/timeline/heat.ts'
import type { Timeline, LoadColumn } from '../../analysis/timeline/state.ts'
import { LATE_MS, msText } from '../../report/timeline-texts.ts'
import { colour, element, say } from './elements.ts'

const HEIGHT = 240
const LEFT = 56
const BOTTOM = 22
const COLUMN = 7

/**
 * Draws the latencies of each second as a column: a cell for each bucket, the darker the larger its share, with p50 and
 * p99 as lines. The cells of a second whose requests were sent late are hatched grey.
 */
export function showHeatMap({ columns }: Timeline): void {
  const canvas = element('heat', HTMLCanvasElement)
  const width = canvas.clientWidth
  if (width === 0) return
  const ratio = window.devicePixelRatio
  const shown = columns.slice(-Math.max(1, Math.floor((width - LEFT) / COLUMN)))
  const stamp = `${columns.length} ${columns.at(-1)?.atMs ?? 0} ${width} ${ratio} ${colour('--ink')}`
  if (canvas.dataset['stamp'] === stamp) return
  canvas.dataset['stamp'] = stamp
  canvas.dataset['columns'] = String(columns.length)
  canvas.setAttribute('aria-label', describe(shown))
  say(element('legend', HTMLElement), shown.length === 0 ? 'No second of load yet.' : LEGEND)
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(HEIGHT * ratio)
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(ratio, ratio)
  draw(context, shown, width)
}

const LEGEND =
  'Each column is one second, each cell the share of its answers with that latency. Lines: p50 (solid), p99 (dashed). Grey columns: the generator was late.'

function draw(context: CanvasRenderingContext2D, columns: readonly LoadColumn[], width: number): void {
  const [lowest, highest] = heatBuckets(columns)
  const rowHeight = (HEIGHT - BOTTOM) / (highest - lowest + 1)
  const top = (row: number): number => HEIGHT - BOTTOM - (row - lowest + 1) * rowHeight
  const left = (place: number): number => width - (columns.length - place) * COLUMN
  context.font = '12px system-ui, sans-serif'
  context.textBaseline = 'middle'
  for (let row = lowest; row <= highest; row++) {
    context.fillStyle = colour('--grid')
    context.fillRect(LEFT, Math.round(top(row)), width - LEFT, 1)
    context.fillStyle = colour('--soft')
    context.fillText(boundText(row), 0, top(row) + 6)
  }
  columns.forEach((column, place) => {
    const total = column.counts.reduce((sum, count) => sum + count, 0)
    if ((column.latenessP99Ms ?? 0) > LATE_MS) {
      context.fillStyle = colour('--same-tint')
      context.fillRect(left(place), 0, COLUMN, HEIGHT - BOTTOM)
    }
    context.fillStyle = colour('--s1')
    column.counts.forEach((count, row) => {
      if (count === 0) return
      context.globalAlpha = 0.15 + 0.85 * Math.sqrt(count / total)
      context.fillRect(left(place), top(row) + 1, COLUMN - 1, rowHeight - 1)
    })
    context.globalAlpha = 1
    if (column.failed > 0) {
      context.fillStyle = colour('--bad')
      context.fillRect(left(place), HEIGHT - BOTTOM + 2, COLUMN - 1, 4)
    }
    if (column.elapsedS % 10 === 0) {
      context.fillStyle = colour('--soft')
      context.fillText(`${column.elapsedS} s`, Math.max(LEFT, left(place) - 8), HEIGHT - 7)
    }
  })
  const y = (ms: number): number => HEIGHT - BOTTOM - (rowAt(ms) - lowest) * rowHeight
  drawLine(context, columns, left, (column) => (column.p50Ms === null ? null : y(column.p50Ms)), '--ink', [])
  drawLine(context, columns, left, (column) => (column.p99Ms === null ? null : y(column.p99Ms)), '--s2', [5, 3])
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
    if (at === null) begun = false
    else if (begun) context.lineTo(left(place) + COLUMN / 2, at)
    else context.moveTo(left(place) + COLUMN / 2, at)
    begun = at !== null
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
