import * as hdr from 'hdr-histogram-js'
import type { LatencySummary } from './load.ts'

/** The library's histogram by index, which its typings leave out: walking it is ten times faster than its iterator. */
interface IndexedHistogram {
  getCountAtIndex(index: number): number
  valueFromIndex(index: number): number
  highestEquivalentValue(value: number): number
}

/** Longest latency that can be told apart: an hour, in µs. Longer ones count as this. */
const HIGHEST_US = 3_600_000_000

/** Counts of latencies in µs, exact to three significant digits (HdrHistogram). Merging histograms loses nothing. */
export class LatencyHistogram {
  readonly #histogram: hdr.Histogram

  constructor(histogram: hdr.Histogram = emptyHistogram()) {
    this.#histogram = histogram
  }

  /** Reads HdrHistogram V2 in base64 (compressed), as {@link LatencyHistogram.toBase64} writes it. */
  static fromBase64(text: string): LatencyHistogram {
    return new LatencyHistogram(hdr.decodeFromCompressedBase64(text, 64, false))
  }

  /** The sum of several histograms; an empty one for an empty list. */
  static merged(histograms: readonly LatencyHistogram[]): LatencyHistogram {
    const sum = new LatencyHistogram()
    for (const histogram of histograms) sum.merge(histogram)
    return sum
  }

  /** Counts one latency in µs; `count` times if given. */
  record(latencyUs: number, count: number = 1): void {
    this.#histogram.recordValueWithCount(Math.min(HIGHEST_US, Math.max(0, Math.round(latencyUs))), count)
  }

  /** Adds all counts of another histogram. */
  merge(other: LatencyHistogram): void {
    if (other.count > 0) this.#histogram.add(other.#histogram)
  }

  /** How many latencies were counted. */
  get count(): number {
    return this.#histogram.totalCount
  }

  /** The latency in µs that a share `q` (0…1) of all is not above; null without samples. */
  quantileUs(q: number): number | null {
    return this.count === 0 ? null : this.#histogram.getValueAtPercentile(q * 100)
  }

  /** How many latencies are above this many µs. */
  countAboveUs(latencyUs: number): number {
    let above = 0
    for (const [valueUs, count] of this.recorded()) if (valueUs > latencyUs) above += count
    return above
  }

  /** Every recorded value in µs with its count, ascending. */
  *recorded(): Generator<readonly [valueUs: number, count: number]> {
    const indexed = this.#histogram as unknown as IndexedHistogram
    let left = this.count
    for (let index = 0; left > 0; index++) {
      const count = indexed.getCountAtIndex(index)
      if (count === 0) continue
      left -= count
      yield [indexed.highestEquivalentValue(indexed.valueFromIndex(index)), count]
    }
  }

  /** Mean and quantiles in milliseconds; null where there was no sample. */
  summaryMs(): LatencySummary {
    return {
      count: this.count,
      mean: this.count === 0 ? null : this.#histogram.mean / 1000,
      p50: inMs(this.quantileUs(0.5)),
      p90: inMs(this.quantileUs(0.9)),
      p95: inMs(this.quantileUs(0.95)),
      p99: inMs(this.quantileUs(0.99)),
      p999: inMs(this.quantileUs(0.999)),
      max: this.count === 0 ? null : this.#histogram.maxValue / 1000,
    }
  }

  /** HdrHistogram's percentile distribution in milliseconds, as its plotters read it. */
  percentileTextMs(): string {
    return this.#histogram.outputPercentileDistribution(5, 1000)
  }

  /** HdrHistogram V2, compressed, base64: readable by every HdrHistogram library. */
  toBase64(): string {
    return hdr.encodeIntoCompressedBase64(this.#histogram)
  }
}

function inMs(us: number | null): number | null {
  return us === null ? null : us / 1000
}

function emptyHistogram(): hdr.Histogram {
  return hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
}
