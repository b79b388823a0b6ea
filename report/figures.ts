import { type Bounds, boundsOf } from '../core/estimate.ts'
import { formatBytes, formatCount } from '../core/quantities.ts'
import {
  type Call,
  type Estimate,
  type Result,
  type ResultCell,
  type Verdict,
  type VerdictMetric,
} from '../core/records.ts'

/**
 * One number as people read it, with its interval where it has one. Every report prints figures from this file and
 * none formats numbers itself, so that text, Markdown and HTML agree to the digit. CSV and JSON carry full precision.
 */
export interface Figure {
  /** The value without its unit, e.g. `1,234` or `4.21`. */
  readonly value: string
  /**
   * The interval with the same number of decimals: `4.00–4.45`, `≥ 4.00` where nothing bounds it above, or `–` where
   * nothing bounds it at all. Null for figures that come without one.
   */
  readonly interval: string | null
  /** `/s`, ` ms`, `×`, ` MiB`, or empty for counts and shares. */
  readonly unit: string
}

/** A figure that was compared with the baseline's. */
export interface ComparedFigure {
  readonly figure: Figure
  /** candidate / baseline; null for the baseline itself and where nothing was compared. */
  readonly ratio: Figure | null
  readonly verdict: Verdict | null
}

/** All figures of one model under one workload, ready to be printed. `null` where nothing was measured. */
export interface CellFigures {
  readonly cell: ResultCell
  readonly baseline: boolean
  readonly throughput: ComparedFigure | null
  readonly cpuPerRequest: ComparedFigure | null
  readonly p50: ComparedFigure | null
  readonly p90: ComparedFigure | null
  readonly p95: ComparedFigure | null
  readonly p99: ComparedFigure | null
  readonly p999: ComparedFigure | null
  readonly max: ComparedFigure | null
  readonly efficiency: Figure | null
  readonly memory: Figure | null
  readonly start: Figure | null
  readonly generator: Figure | null
  readonly errors: Figure
  readonly timeouts: Figure
}

/** A workload's cells in the order of the plan. */
export interface WorkloadFigures {
  readonly workload: string
  /** The open-loop rate at which latencies were measured, e.g. `180/s`; null without a latency slice. */
  readonly latencyRate: string | null
  /** Why that rate: the model that could do least; null where it is not known or there is no choice. */
  readonly rateReason: string | null
  /** Connections of the closed loop, e.g. `800 connections, gunicorn-sync 8`; null where they are not known. */
  readonly connections: string | null
  readonly cells: readonly CellFigures[]
}

/** What the column `efficiency` means, for a line below a table. */
export const EFFICIENCY_NOTE =
  'efficiency: share of what the bare function does on as many cores as the model has workers'

/** How a call reads, and the one-character mark that stands for it where a word has no room. */
export const CALLS: Readonly<Record<Call, { word: string; mark: string }>> = {
  better: { word: 'better', mark: '+' },
  worse: { word: 'worse', mark: '−' },
  same: { word: 'same', mark: '=' },
  inconclusive: { word: 'undecided', mark: '?' },
}

/** How the call of a verdict reads in every report; one that is withheld was not left open by its figures. */
export function callOf({ call, withheld }: Pick<Verdict, 'call' | 'withheld'>): {
  readonly word: string
  readonly mark: string
} {
  return withheld === true ? WITHHELD : CALLS[call]
}

const WITHHELD = { word: 'withheld', mark: CALLS.inconclusive.mark }

/** What each mark stands for beside the figures of these verdicts, e.g. `undecided or withheld`. */
export function markWords(verdicts: readonly Pick<Verdict, 'withheld'>[]): readonly { mark: string; words: string }[] {
  const open = verdicts.some(({ withheld }) => withheld === true) ? ` or ${WITHHELD.word}` : ''
  return Object.values(CALLS).map(({ word, mark }) => ({ mark, words: `${word}${mark === WITHHELD.mark ? open : ''}` }))
}

/** What stands where nothing was measured. */
export const NOTHING = '–'

/** The figures of every cell of a result, workload by workload, the baseline first, the others as in the result. */
export function workloadFigures(result: Result): WorkloadFigures[] {
  const verdicts = new Map(result.verdicts.map((verdict) => [verdictKey(verdict), verdict]))
  const workloads = [...new Set(result.cells.map((cell) => cell.workload))]
  return workloads.map((workload) => {
    const own = result.cells.filter((cell) => cell.workload === workload)
    const isBaseline = ({ model }: ResultCell): boolean => model === result.baseline
    const cells = [...own.filter(isBaseline), ...own.filter((cell) => !isBaseline(cell))]
    const ratePerS = cells.find((cell) => cell.latencyMs !== null)?.latencyMs?.ratePerS
    return {
      workload,
      latencyRate: ratePerS === undefined ? null : figureText(rateFigure(ratePerS)),
      rateReason: rateReason(result, workload),
      connections: connectionsText(own),
      cells: cells.map((cell) => cellFigures(cell, result.baseline, verdicts)),
    }
  })
}

/** Whose capacity set the rate of the latency slices. */
function rateReason(result: Result, workload: string): string | null {
  const rate = result.commonRates?.find((entry) => entry.workload === workload)
  if (rate === undefined || result.cells.every(({ model }) => model === rate.setBy)) return null
  return `below the ${figureText(rateFigure(rate.capacityPerS))} of ${rate.setBy} in the pilot`
}

/** The connections that most models had, and those of the models whose concurrency is lower. */
function connectionsText(cells: readonly ResultCell[]): string | null {
  const measured = cells.flatMap(({ model, connections }) =>
    connections === undefined || connections === null ? [] : [{ model, connections }],
  )
  if (measured.length === 0) return null
  const most = Math.max(...measured.map(({ connections }) => connections))
  const fewer = measured.filter(({ connections }) => connections < most)
  const counts = [...new Set(fewer.map(({ connections }) => connections))].toSorted((a, b) => b - a)
  const groups = counts.map((count) => {
    const models = fewer.filter(({ connections }) => connections === count).map(({ model }) => model)
    return `${models.join(' and ')} ${formatCount(count)}`
  })
  return [`${formatCount(most)} connections`, ...groups].join(', ')
}

/** A figure as one string: value, unit, and the interval in brackets. */
export function figureText(figure: Figure | null): string {
  if (figure === null) return NOTHING
  return figure.interval === null
    ? `${figure.value}${figure.unit}`
    : `${figure.value}${figure.unit} (${figure.interval})`
}

/** Value and interval without the unit, for columns whose heading names it. */
export function bareText(figure: Figure | null): string {
  return figure === null ? NOTHING : figureText({ ...figure, unit: '' })
}

/** Requests per second. */
export function rateFigure(rate: number | Estimate): Figure {
  return figureOf(rate, '/s')
}

/** Milliseconds. */
export function msFigure(ms: number | Estimate): Figure {
  return figureOf(ms, ' ms')
}

/** A ratio such as candidate / baseline, with two decimals or more. */
export function ratioFigure(ratio: number | Estimate): Figure {
  const estimate = typeof ratio === 'number' ? ratio : ratio.estimate
  const decimals = estimate > 0 ? Math.max(2, 1 - Math.floor(Math.log10(estimate))) : 2
  return figureWith(ratio, Math.min(decimals, 9), '×')
}

/** Bytes in binary units. */
export function bytesFigure(bytes: number): Figure {
  const [value = NOTHING, unit = ''] = formatBytes(bytes).split(' ')
  return { value, interval: null, unit: ` ${unit}` }
}

/** A share of 1 in per cent, with one decimal. */
export function shareFigure(share: number): Figure {
  return { value: Number.isFinite(share) ? (share * 100).toFixed(1) : NOTHING, interval: null, unit: ' %' }
}

/** A count of things. */
export function countFigure(count: number): Figure {
  return { value: formatCount(count), interval: null, unit: '' }
}

/** A quantity of any unit with three significant digits (whole from 1,000 up); bounds get the decimals of the estimate. */
export function figureOf(quantity: number | Estimate, unit: string): Figure {
  const estimate = typeof quantity === 'number' ? quantity : quantity.estimate
  const decimals = estimate === 0 ? 0 : Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(estimate)))))
  return figureWith(quantity, decimals, unit)
}

/** Relative difference between the largest and the mean share of the workers; 0 = all alike. Null below two workers. */
export function imbalance(shares: readonly number[]): number | null {
  if (shares.length < 2) return null
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  return mean > 0 ? Math.max(...shares) / mean - 1 : null
}

function cellFigures(cell: ResultCell, baseline: string, verdicts: ReadonlyMap<string, Verdict>): CellFigures {
  const isBaseline = cell.model === baseline
  const compared = (figure: Figure | null, metric: VerdictMetric | null): ComparedFigure | null => {
    if (figure === null) return null
    const verdict = metric === null ? undefined : verdicts.get(`${cell.workload}\u0000${cell.model}\u0000${metric}`)
    return { figure, ratio: verdict === undefined ? null : ratioFigure(verdict.ratio), verdict: verdict ?? null }
  }
  const latency = (key: 'p50' | 'p90' | 'p95' | 'p99' | 'p999' | 'max', metric: VerdictMetric | null) => {
    const interval = key === 'p50' || key === 'p95' || key === 'p99' ? cell.latencyIntervalsMs?.[key] : null
    const ms = cell.latencyMs?.[key] ?? null
    if (ms === null) return null
    return compared(msFigure(interval ? { ...interval, estimate: ms } : ms), metric)
  }
  return {
    cell,
    baseline: isBaseline,
    throughput: compared(orNull(cell.throughputRps, rateFigure), 'throughput'),
    cpuPerRequest: compared(orNull(cell.cpuMsPerRequest, msFigure), 'cpu-per-request'),
    p50: latency('p50', 'latency-p50'),
    p90: latency('p90', null),
    p95: latency('p95', 'latency-p95'),
    p99: latency('p99', 'latency-p99'),
    p999: latency('p999', null),
    max: latency('max', null),
    efficiency: orNull(cell.efficiency, ratioOnly),
    memory: orNull(cell.rssBytes, bytesFigure),
    start: orNull(cell.startS, (seconds) => figureOf(seconds, ' s')),
    generator: orNull(cell.generatorCores, ratioOnly),
    errors: countFigure(cell.errors),
    timeouts: countFigure(cell.timeouts),
  }
}

/** A figure with that many decimals, and its bounds with as many. */
function figureWith(quantity: number | Estimate, decimals: number, unit: string): Figure {
  const text = (value: number): string => (Number.isFinite(value) ? withDecimals(decimals).format(value) : NOTHING)
  if (typeof quantity === 'number') return { value: text(quantity), interval: null, unit }
  return { value: text(quantity.estimate), interval: intervalText(boundsOf(quantity), text), unit }
}

/** Making a format costs far more than using it, and a report has thousands of figures. */
function withDecimals(decimals: number): Intl.NumberFormat {
  const known = FORMATS.get(decimals)
  if (known !== undefined) return known
  const made = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  FORMATS.set(decimals, made)
  return made
}

const FORMATS = new Map<number, Intl.NumberFormat>()

function intervalText([low, high]: Bounds, text: (value: number) => string): string {
  if (low !== null && high !== null) return `${text(low)}–${text(high)}`
  if (low !== null) return `≥ ${text(low)}`
  return high === null ? NOTHING : `≤ ${text(high)}`
}

function verdictKey(verdict: Verdict): string {
  return `${verdict.workload}\u0000${verdict.candidate}\u0000${verdict.metric}`
}

function ratioOnly(value: number): Figure {
  return { ...ratioFigure(value), unit: '' }
}

function orNull<T>(value: T | null, make: (value: T) => Figure): Figure | null {
  return value === null ? null : make(value)
}
