import { plainText } from '../core/plain-text.ts'
import { shortened } from '../core/quotes.ts'
import type { Result } from '../core/records.ts'
import {
  bareText,
  callOf,
  type CellFigures,
  type ComparedFigure,
  figureText,
  ratioFigure,
  type WorkloadFigures,
} from './figures.ts'
import { renderTable, stackRows, type TextColumn, type TextSpan } from './table.ts'

/** The richest table of a workload's models that fits: what matters least goes first, and comes back if there is room in the end. */
export function workloadTable(result: Result, workload: WorkloadFigures, columns: number): TextSpan[][] {
  const all = tableColumns(result, workload)
  if (columns < 60) return stackRows(all, columns)
  let gone: string[] = []
  for (const reduction of ['', ...REDUCTIONS]) {
    gone.push(reduction)
    if (renderTable(reduced(all, gone)).width > columns) continue
    for (const candidate of gone.toReversed()) {
      const tried = gone.filter((kept) => kept !== candidate)
      if (renderTable(reduced(all, tried)).width <= columns) gone = tried
    }
    return renderTable(reduced(all, gone)).lines
  }
  return stackRows(all, columns)
}

function reduced(all: readonly TextColumn[], gone: readonly string[]): TextColumn[] {
  return all
    .filter((column) => !gone.includes(column.id))
    .map((column) =>
      gone.includes(`${column.id} short`) ? { ...column, cells: column.short ?? column.cells } : column,
    )
}

/** What goes first when the terminal is narrow. `short` keeps a column without its intervals. */
const REDUCTIONS: readonly string[] = [
  'start',
  'memory',
  'cpu short',
  'p50',
  'limit',
  'throughput short',
  'efficiency',
  'cpu',
  'errors',
  'ratio short',
  'p99',
]

function tableColumns(result: Result, { cells }: WorkloadFigures): TextColumn[] {
  const column = (
    id: string,
    title: string,
    spans: (cell: CellFigures) => TextSpan[],
    short?: (cell: CellFigures) => TextSpan[],
  ): TextColumn => ({
    id,
    title,
    align: id === 'model' || id === 'limit' ? 'left' : 'right',
    cells: cells.map(spans),
    ...(short === undefined ? {} : { short: cells.map(short) }),
  })
  const some = (has: (cell: CellFigures) => boolean, make: () => TextColumn): TextColumn[] =>
    cells.some(has) ? [make()] : []
  return [
    column('model', 'model', (c) => [{ text: shortened(plainText(c.cell.model)), kind: 'accent' }]),
    column(
      'throughput',
      'requests/s',
      (c) => interval(c.throughput),
      (c) => bare(c.throughput),
    ),
    column(
      'ratio',
      `× ${shortened(plainText(result.baseline))}`,
      (c) => ratio(c, true),
      (c) => ratio(c, false),
    ),
    ...some(
      (c) => c.cpuPerRequest !== null,
      () =>
        column(
          'cpu',
          'CPU ms/request',
          (c) => interval(c.cpuPerRequest),
          (c) => bare(c.cpuPerRequest),
        ),
    ),
    ...some(
      (c) => c.p50 !== null,
      () => column('p50', 'p50 ms', (c) => bare(c.p50)),
    ),
    ...some(
      (c) => c.p99 !== null,
      () => column('p99', 'p99 ms', (c) => bare(c.p99)),
    ),
    ...some(
      (c) => c.efficiency !== null,
      () => column('efficiency', 'efficiency', (c) => [{ text: bareText(c.efficiency) }]),
    ),
    ...some(
      (c) => c.memory !== null,
      () => column('memory', 'memory', (c) => [{ text: figureText(c.memory) }]),
    ),
    ...some(
      (c) => c.start !== null,
      () => column('start', 'start', (c) => [{ text: figureText(c.start) }]),
    ),
    ...some(
      (c) => c.cell.errors + c.cell.timeouts > 0,
      () => column('errors', 'errors', errors),
    ),
    column('limit', 'limited by', (c) => [{ text: c.cell.bottleneck.limit, kind: 'faint' }]),
  ]
}

function interval(compared: ComparedFigure | null): TextSpan[] {
  const interval = compared?.figure.interval ?? null
  return [
    { text: bareText(compared === null ? null : { ...compared.figure, interval: null }) },
    { text: interval === null ? '' : ` (${interval})`, kind: 'faint' },
    mark(compared),
  ]
}

function bare(compared: ComparedFigure | null): TextSpan[] {
  return [{ text: bareText(compared === null ? null : { ...compared.figure, interval: null }) }, mark(compared)]
}

/** The mark of a figure's call; the throughput's is spelt out in the ratio's column. */
function mark(compared: ComparedFigure | null): TextSpan {
  if (compared?.verdict === null || compared?.verdict === undefined) return { text: '' }
  const { verdict } = compared
  return verdict.metric === 'throughput'
    ? { text: '' }
    : { text: ` ${callOf(verdict).mark}`, kind: CALL_STYLE[verdict.call] }
}

function ratio({ throughput, baseline }: CellFigures, withInterval: boolean): TextSpan[] {
  if (baseline) return [{ text: bareText(ratioFigure(1)) }, { text: ' baseline', kind: 'faint' }]
  const figure = throughput?.ratio ?? null
  const verdict = throughput?.verdict ?? null
  return [
    { text: bareText(figure === null ? null : { ...figure, interval: null }) },
    ...(withInterval ? [{ text: figure?.interval ? ` (${figure.interval})` : '', kind: 'faint' } as const] : []),
    verdict === null ? { text: '' } : { text: ` ${callOf(verdict).word}`, kind: CALL_STYLE[verdict.call] },
  ]
}

const CALL_STYLE = { better: 'good', worse: 'bad', same: 'faint', inconclusive: 'warn' } as const

function errors({ errors, timeouts, cell }: CellFigures): TextSpan[] {
  const text = cell.timeouts === 0 ? figureText(errors) : `${figureText(errors)}, ${figureText(timeouts)} timeouts`
  return [cell.errors + cell.timeouts === 0 ? { text } : { text, kind: 'bad' }]
}
