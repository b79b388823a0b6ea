import { boundsOf } from '../../../core/estimate.ts'
import type { LabPicture, LabTone } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import { durationText } from '../../lab/pictures/lanes.ts'
import { type DataTable, figure, tableOf } from '../figure.ts'
import { markup, type Markup } from '../markup.ts'
import { labBars, labHeat } from './bars.ts'
import { labCurve } from './curve.ts'
import { labFlow } from './flow.ts'
import { dotsPlot, endPercent, ganttPlot } from './lanes.ts'

/** Pictures one after the other; curves that follow each other stand side by side where there is room. */
export function labPictures(pictures: readonly LabPicture[]): Markup {
  const [parts, curves]: [Markup[], Markup[]] = [[], []]
  const endCurves = (): void => {
    if (curves.length > 0) parts.push(markup`<div class="facets">${curves.splice(0)}</div>`)
  }
  for (const picture of pictures) {
    if (picture.kind !== 'curve') endCurves()
    ;(picture.kind === 'curve' ? curves : parts).push(labPicture(picture))
  }
  endCurves()
  return markup`${parts}`
}

/** A picture with its words and the same figures as a table. */
function labPicture(picture: LabPicture): Markup {
  const { id, title, note } = picture
  switch (picture.kind) {
    case 'dots':
      return replayed(
        picture.spanMs,
        figure({ id, title, note, fluid: true, svg: dotsPlot(picture), table: dotsTable(picture) }),
      )
    case 'gantt':
      return replayed(
        picture.spanMs,
        figure({ id, title, note, fluid: true, svg: ganttPlot(picture), table: ganttTable(picture) }),
      )
    case 'curve':
      return figure({ id, title, note, svg: labCurve(picture), table: curveTable(picture) })
    case 'bars':
      return figure({ id, title, note, fluid: true, svg: labBars(picture), table: barsTable(picture) })
    case 'heat':
      return figure({ id, title, note, fluid: true, svg: labHeat(picture), table: heatTable(picture) })
    case 'flow':
      return figure({ id, title, note, fluid: true, svg: labFlow(picture), table: flowTable(picture) })
    case 'matrix':
      return tabled(
        picture,
        ['what', ...picture.columns],
        picture.rows.map(({ name, group, cells }) => [
          group === '' ? name : `${group}: ${name}`,
          ...cells.map((cell) => toned(cell.text, cell.tone)),
        ]),
      )
    case 'ledger':
      return tabled(
        picture,
        picture.columns,
        picture.rows.map(({ cells, tone }) => cells.map((text) => toned(text, tone))),
      )
  }
}

/** Offers to play a trace slowly; a script puts the controls there. */
function replayed(spanMs: number, drawn: Markup): Markup {
  return markup`<div class="replayed" data-replay="${spanMs.toFixed(1)}" data-end="${endPercent(spanMs)}">${drawn}</div>`
}

function tabled(
  { title, note }: Pick<LabPicture, 'title' | 'note'>,
  headings: DataTable['headings'],
  rows: DataTable['rows'],
): Markup {
  return markup`<figure class="wide"><figcaption><strong>${title}</strong> <span class="note">${note}</span></figcaption>
${tableOf({ headings, rows }, title, 'matrix')}</figure>`
}

function toned(text: string, tone: LabTone): Markup {
  return markup`<span class="tone ${tone}">${text}</span>`
}

function dotsTable({ lanes }: Extract<LabPicture, { kind: 'dots' }>): DataTable {
  return {
    stacks: true,
    headings: ['lane', 'moments', 'longest time without one', 'what happened'],
    rows: lanes.map(({ name, group, dotsMs, label }) => {
      const gaps = dotsMs.slice(1).map((ms, index) => ms - (dotsMs[index] ?? 0))
      const longest = gaps.length === 0 ? '–' : durationText(Math.max(...gaps))
      return [group === '' ? name : `${group}: ${name}`, String(dotsMs.length), longest, label]
    }),
  }
}

function ganttTable({ lanes }: Extract<LabPicture, { kind: 'gantt' }>): DataTable {
  return {
    stacks: true,
    headings: ['lane', 'what', 'from', 'to'],
    rows: lanes.flatMap(({ name, group, bars }) =>
      bars.map((bar) => [
        group === '' ? name : `${group}: ${name}`,
        bar.label,
        durationText(bar.fromMs),
        durationText(bar.toMs),
      ]),
    ),
  }
}

function curveTable({ x, y, series }: Extract<LabPicture, { kind: 'curve' }>): DataTable {
  return {
    stacks: true,
    headings: ['series', x.title, `${y.title} ${y.unit}`.trimEnd(), '95 % interval'],
    rows: series.flatMap(({ name, points }) =>
      points.map((point) => [name, significant(point.x), significant(point.y), intervalText(point.y, point)]),
    ),
  }
}

function barsTable({ bars, unit }: Extract<LabPicture, { kind: 'bars' }>): DataTable {
  return {
    stacks: true,
    headings: ['what', unit === '' ? 'value' : unit, '95 % interval', 'you expected'],
    rows: bars.map((bar) => [
      bar.group === '' ? bar.name : `${bar.group}: ${bar.name}`,
      significant(bar.value),
      intervalText(bar.value, bar),
      bar.predicted === null ? '–' : significant(bar.predicted),
    ]),
  }
}

function heatTable({ x, y, counts }: Extract<LabPicture, { kind: 'heat' }>): DataTable {
  return {
    stacks: true,
    headings: [`${y.title} ${y.unit}`, `how often, over ${x.title}`],
    rows: counts.map((row, index) => [
      `${significant(y.edges[index] ?? 0)}–${significant(y.edges[index + 1] ?? 0)}`,
      String(row.reduce((sum, count) => sum + count, 0)),
    ]),
  }
}

function flowTable({ flows }: Extract<LabPicture, { kind: 'flow' }>): DataTable {
  return {
    stacks: true,
    headings: ['where', 'what', 'how much', 'way'],
    rows: flows.flatMap(({ name, group, boxes, arrows }) =>
      arrows.map(({ what, label, to }) => [
        group === '' ? name : `${group}: ${name}`,
        what,
        label,
        boxes.slice(0, to + 1).join(' → '),
      ]),
    ),
  }
}

/** Bounds as text, `–` where nothing bounds the value. */
function intervalText(
  estimate: number,
  { low, high }: { readonly low: number | null; readonly high: number | null },
): string {
  if (low === null || high === null) return '–'
  const [least, most] = boundsOf({ estimate, low, high })
  return least === null || most === null ? '–' : `${significant(least)}–${significant(most)}`
}
