import type { Scale } from '../charts/scale.ts'
import { markup, type Markup, type Part } from '../markup.ts'
import { grouped } from '../../lab/pictures/lanes.ts'

/** One line of a plot: its name, what is drawn on its track, what is written behind it. */
export interface PlotRow {
  readonly name: string
  readonly group: string
  readonly label: string
  /** SVG whose horizontal places are per cent of the track, and whose middle is at {@link ROW_MIDDLE}. */
  readonly content: Part
}

/** Below the rows. */
export interface RowsAxis {
  /** From 0 to 100: per cent of the track. */
  readonly scale: Scale
  readonly label: string
  readonly format: (tick: number) => string
}

/** Height of a track in px, and where its middle is. */
const ROW = 24
export const ROW_MIDDLE: number = ROW / 2

/**
 * Rows below each other, in HTML around an SVG for each track, so that texts stay as large as they are and are never cut: on
 * narrow screens names and labels stand above the tracks. `compact` for names so short that they stay beside them.
 */
export function rowsPlot(
  { id, title, compact = false }: { readonly id: string; readonly title: string; readonly compact?: boolean },
  rows: readonly PlotRow[],
  axis: RowsAxis,
): Markup {
  const ticks = axis.scale.ticks.map((tick) => axis.scale.at(tick))
  const grid = ticks.map((x) => markup`<line class="grid" x1="${x}%" x2="${x}%" y1="0" y2="100%"/>`)
  return markup`<div class="rows${compact ? ' compact' : ''}" id="${id}-plot" role="img" aria-label="${title}; the table below has the figures.">
${grouped(rows).map(
  ([group, own]) =>
    markup`${group === '' ? null : markup`<div class="group">${group}</div>\n`}${own.map(
      ({ name, label, content }) =>
        markup`<div class="row"><span class="name">${name}</span><svg class="track" width="100%" height="${ROW}">${grid}${content}<line class="cursor" x1="0" x2="0" y1="0" y2="100%"/></svg><span class="label">${label}</span></div>\n`,
    )}`,
)}<div class="row"><svg class="track axis" width="100%" height="34">${axis.scale.ticks.map((tick, index) => {
    const x = ticks[index] ?? 0
    return markup`<text x="${x}%" y="13" text-anchor="${anchorAt(x)}">${axis.format(tick)}</text>`
  })}<text class="unit" x="100%" y="29" text-anchor="end">${axis.label}</text></svg></div>
</div>`
}

/** A figure at an end of the track stays within it. */
function anchorAt(percent: number): string {
  return percent < 3 ? 'start' : percent > 97 ? 'end' : 'middle'
}
