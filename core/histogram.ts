import { createRequire } from 'node:module'
import type * as hdr from 'hdr-histogram-js'
import { decodeSparse, highestValueAt, type SparseCounts } from './histogram-codec.ts'
import type { LatencySummary } from './load.ts'

/** The library's histogram by index, which its typings leave out: walking it is ten times faster than its iterator. */
interface IndexedHistogram {
  getCountAtIndex(index: number): number
}

/** Longest latency that is distinguished: an hour, in µs. Longer ones count as this. */
const HIGHEST_US = 3_600_000_000

let loaded: typeof hdr | null = null

/** HdrHistogram takes two tenths of a second of CPU to load: only what counts latencies pays for it. */
function library(): typeof hdr {
  loaded ??= createRequire(import.meta.url)('hdr-histogram-js') as typeof hdr
  return loaded
}

/** Loads what histograms are made with now, where the first one comes at a moment that counts. */
export function loadHistograms(): void {
  library()
}

/** Counts of latencies in µs, exact to three significant digits (HdrHistogram). Merging histograms loses nothing. */
export class LatencyHistogram {
  /** What was read and has not been changed since: its counts are at hand before the library's histogram is built. */
  #read: Encoded | null
  #built: hdr.Histogram | null

  constructor(source: hdr.Histogram | Encoded = emptyHistogram()) {
    const encoded = 'sparse' in source ? source : null
    this.#read = encoded
    this.#built = 'sparse' in source ? null : source
  }

  /** Reads HdrHistogram V2 in base64 (compressed), as {@link LatencyHistogram.toBase64} writes it; throws on other text. */
  static fromBase64(text: string): LatencyHistogram {
    const sparse = decodeSparse(text)
    return new LatencyHistogram(sparse === null ? decodeWhole(text) : { text, sparse })
  }

  /** The sum of several histograms; an empty one for an empty list. */
  static merged(histograms: readonly LatencyHistogram[]): LatencyHistogram {
    const sum = new LatencyHistogram()
    for (const histogram of histograms) sum.merge(histogram)
    return sum
  }

  /** Counts one latency in µs; `count` times if given. */
  record(latencyUs: number, count: number = 1): void {
    this.#whole().recordValueWithCount(Math.min(HIGHEST_US, Math.max(0, Math.round(latencyUs))), count)
  }

  /** Adds all counts of another histogram. */
  merge(other: LatencyHistogram): void {
    if (other.count === 0) return
    this.#whole().add(other.#view())
  }

  /** How many latencies were counted. */
  get count(): number {
    return this.#read?.sparse.total ?? this.#whole().totalCount
  }

  /** The latency in µs that a share `q` (0…1) of all is not above; null without samples. */
  quantileUs(q: number): number | null {
    return this.count === 0 ? null : this.#view().getValueAtPercentile(q * 100)
  }

  /** How many latencies are above this many µs. */
  countAboveUs(latencyUs: number): number {
    let above = 0
    for (const [valueUs, count] of this.recorded()) if (valueUs > latencyUs) above += count
    return above
  }

  /** Every recorded value in µs with its count, ascending. */
  *recorded(): Generator<readonly [valueUs: number, count: number]> {
    const { places, counts } = this.sparse()
    for (let index = 0; index < places.length; index++) {
      yield [highestValueAt(places[index] ?? 0), counts[index] ?? 0]
    }
  }

  /** The counts by place, without the empty ones: for work on many histograms, where every step counts. */
  sparse(): SparseCounts {
    if (this.#read !== null) return this.#read.sparse
    const indexed = this.#view() as unknown as IndexedHistogram
    const places: number[] = []
    const counts: number[] = []
    for (let place = 0, left = this.count; left > 0; place++) {
      const count = indexed.getCountAtIndex(place)
      if (count === 0) continue
      left -= count
      places.push(place)
      counts.push(count)
    }
    return { places: Int32Array.from(places), counts: Float64Array.from(counts), total: this.count }
  }

  /** Mean and quantiles in milliseconds; null where there was no sample. */
  summaryMs(): LatencySummary {
    return {
      count: this.count,
      mean: this.count === 0 ? null : this.#view().mean / 1000,
      p50: inMs(this.quantileUs(0.5)),
      p90: inMs(this.quantileUs(0.9)),
      p95: inMs(this.quantileUs(0.95)),
      p99: inMs(this.quantileUs(0.99)),
      p999: inMs(this.quantileUs(0.999)),
      max: this.count === 0 ? null : this.#view().maxValue / 1000,
    }
  }

  /** HdrHistogram's percentile distribution in milliseconds, as its plotters read it. */
  percentileTextMs(): string {
    return this.#view().outputPercentileDistribution(5, 1000)
  }

  /** HdrHistogram V2, compressed, base64: readable by every HdrHistogram library. */
  toBase64(): string {
    return this.#read?.text ?? library().encodeIntoCompressedBase64(this.#whole())
  }

  /** The library's histogram, for reading: what was read stays as it was. */
  #view(): hdr.Histogram {
    this.#built ??= decodeWhole(this.#read?.text ?? '')
    return this.#built
  }

  /** The library's histogram, for changing: what was read holds no longer. */
  #whole(): hdr.Histogram {
    const whole = this.#view()
    this.#read = null
    return whole
  }
}

/** A histogram as it was read: its text, and its counts without empty places. */
interface Encoded {
  readonly text: string
  readonly sparse: SparseCounts
}

function decodeWhole(text: string): hdr.Histogram {
  return library().decodeFromCompressedBase64(text, 64, false)
}

function inMs(us: number | null): number | null {
  return us === null ? null : us / 1000
}

function emptyHistogram(): hdr.Histogram {
  return library().build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    useWebAssembly: false,
  })
}
