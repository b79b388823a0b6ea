import { boundText, hasGap, isDecade } from '../../analysis/timeline/heat.ts'
import type { LoadColumn } from '../../analysis/timeline/state.ts'
import { clockText } from '../../report/timeline-texts.ts'
import { colour } from './elements.ts'

/** Height of the heat map, and what its axes take of it, in CSS pixels. */
export const FRAME = { height: 264, left: 56, top: 22, bottom: 34 } as const

/** Width of a second. */
export const COLUMN = 7

/** Room for a label on either axis. */
const LABEL = { width: 48, height: 14 }

/** Seconds of the run between two labels where no load begins. */
const LABEL_EVERY_S = 10

/** The axis of the latencies: a line at the upper bound of each bucket, labelled where there is room, powers of ten first. */
export function drawLatencies(
  context: CanvasRenderingContext2D,
  rows: readonly number[],
  { top, width }: { readonly top: (row: number) => number; readonly width: number },
): void {
  const [soft, grid] = [colour('--soft'), colour('--grid')]
  context.fillStyle = soft
  context.fillText('latency', 0, LABEL.height / 2)
  const labelled: number[] = []
  for (const row of [...rows.filter(isDecade), ...rows.filter((each) => !isDecade(each))]) {
    context.fillStyle = grid
    context.fillRect(FRAME.left, Math.round(top(row)), width - FRAME.left, 1)
    if (labelled.some((y) => Math.abs(y - top(row)) < LABEL.height)) continue
    labelled.push(top(row))
    context.fillStyle = soft
    context.textAlign = 'right'
    context.fillText(boundText(row), FRAME.left - 6, top(row))
  }
  context.textAlign = 'left'
}

/** The axis of the time: when in the run a second ended, where a load begins and every ten seconds; a line where none was before. */
export function drawTimes(
  context: CanvasRenderingContext2D,
  columns: readonly LoadColumn[],
  {
    left,
    bottom,
    width,
    startMs,
  }: {
    readonly left: (place: number) => number
    readonly bottom: number
    readonly width: number
    readonly startMs: number
  },
): void {
  context.fillStyle = colour('--soft')
  context.fillText('at', 0, FRAME.height - LABEL.height / 2)
  context.textAlign = 'center'
  let lastX = -Infinity
  columns.forEach((column, place) => {
    const isFirst = hasGap(columns[place - 1], column)
    context.globalAlpha = 0.5
    if (isFirst) context.fillRect(Math.round(left(place)) - 1, FRAME.top, 1, bottom - FRAME.top)
    context.globalAlpha = 1
    const second = Math.floor((column.atMs - startMs) / 1000)
    if (!isFirst && place > 0 && second % LABEL_EVERY_S !== 0) return
    const x = Math.min(left(place) + COLUMN / 2, width - LABEL.width / 2)
    if (x - lastX < LABEL.width) return
    lastX = x
    context.fillRect(Math.round(left(place) + COLUMN / 2), bottom + 7, 1, 5)
    context.fillText(clockText(column.atMs - startMs), x, FRAME.height - LABEL.height / 2)
  })
  context.textAlign = 'left'
}
