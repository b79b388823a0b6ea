import type { HistogramValue, Labels, MetricValue } from '../../core/exposition.ts'
import { METRICS, type MetricKey } from '../../core/metrics.ts'

/** Doubles in the shared memory: the fixed ones, then the series. A histogram of durations takes 20. */
const CELLS = 16_384

/** Cells at the start that are not series but the heartbeat's (heartbeat.ts). */
export const FIXED_CELLS = 16

/** Where the figures of one series are in the shared memory. */
export interface SeriesPlace {
  readonly key: MetricKey
  readonly labels: Labels
  /** First cell: the value, or a histogram's bucket counts followed by its sum. */
  readonly at: number
}

/**
 * The figures of a process in shared memory: its main thread writes them, the metrics thread reads them whenever it is
 * asked, also while the main thread is blocked. One thread only allocates series; the others learn of them by message.
 */
export class SharedFigures {
  readonly cells: Float64Array
  readonly series: SeriesPlace[] = []
  readonly #onSeries: (place: SeriesPlace) => void
  #used = FIXED_CELLS

  /** New figures; `onSeries` is called with every new series. */
  constructor(onSeries: (place: SeriesPlace) => void) {
    this.cells = new Float64Array(new SharedArrayBuffer(CELLS * Float64Array.BYTES_PER_ELEMENT))
    this.#onSeries = onSeries
  }

  /** The memory that another thread maps. */
  get buffer(): SharedArrayBuffer {
    return this.cells.buffer as SharedArrayBuffer
  }

  /** Makes a series, its figures zero, and returns its first cell; -1 when the memory is used up. */
  allocate(key: MetricKey, labels: Labels = {}): number {
    const at = this.#used
    const length = cellsOf(key)
    if (at + length > CELLS) return -1
    this.#used += length
    const place: SeriesPlace = { key, labels, at }
    this.series.push(place)
    this.#onSeries(place)
    return at
  }

  /** Adds to a counter or gauge. */
  add(at: number, amount: number): void {
    this.cells[at] = (this.cells[at] ?? 0) + amount
  }

  /** Sets a gauge. */
  set(at: number, value: number): void {
    this.cells[at] = value
  }

  /** Counts one observation of the histogram that starts at a cell. */
  observe(at: number, value: number, bounds: readonly number[]): void {
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    this.add(at + bucket, 1)
    this.add(at + bounds.length + 1, value)
  }
}

/** The value of a series, as the exposition takes it. */
export function valueOf(cells: Float64Array, { key, labels, at }: SeriesPlace): MetricValue | HistogramValue {
  const spec = METRICS[key]
  if (spec.kind !== 'histogram') return { spec, labels, value: cells[at] ?? 0 }
  const buckets = cellsOf(key) - 1
  return { spec, labels, counts: [...cells.subarray(at, at + buckets)], sum: cells[at + buckets] ?? 0 }
}

/** A value takes one cell; a histogram one for each bound, one for what is above the last, and one for the sum. */
function cellsOf(key: MetricKey): number {
  const spec = METRICS[key]
  return spec.kind === 'histogram' ? (spec.buckets?.length ?? 0) + 2 : 1
}
