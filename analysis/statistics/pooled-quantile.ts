import { highestValueAt } from '../../core/histogram-codec.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LogEstimate } from './interval.ts'
import { effectiveDegrees, mean } from './sample.ts'

/** Widest bin of a histogram of three significant digits, relative to its value; rounding to it has variance width²/12. */
const BIN_WIDTH = 1 / 1024

/** Distinct latencies in µs, ascending, with their counts: a histogram in a hundredth of its size. */
export interface Counts {
  readonly valuesUs: Uint32Array
  readonly counts: Uint32Array
}

/** The recorded values of a histogram with their counts. */
export function countsOf(histogram: LatencyHistogram): Counts {
  const { places, counts } = histogram.sparse()
  const valuesUs = new Uint32Array(places.length)
  for (let i = 0; i < places.length; i++) valuesUs[i] = highestValueAt(places[i] ?? 0)
  return { valuesUs, counts: new Uint32Array(counts) }
}

/**
 * Latencies of several blocks pooled, with the quantiles of the pool and of the pool minus any one block. Built once,
 * each quantile is a binary search over cumulative counts: a jackknife over 20 blocks costs 20 searches.
 */
export class PooledLatencies {
  /** Distinct values in µs, ascending. */
  readonly #values: Uint32Array
  /** Cumulative counts of the pool over `#values`. */
  readonly #pool: Float64Array
  /** Cumulative counts of each block over `#values`. */
  readonly #blocks: readonly Float64Array[]

  constructor(blocks: readonly Counts[]) {
    this.#values = distinct(blocks)
    this.#pool = new Float64Array(this.#values.length)
    this.#blocks = blocks.map((block) => cumulativeOver(this.#values, block))
    for (const block of this.#blocks) block.forEach((count, i) => (this.#pool[i] = (this.#pool[i] ?? 0) + count))
  }

  /** Number of blocks pooled. */
  get blocks(): number {
    return this.#blocks.length
  }

  /** Number of latencies in the pool. */
  get count(): number {
    return this.#pool.at(-1) ?? 0
  }

  /** The pool as one histogram, for its summary. */
  histogram(): LatencyHistogram {
    const histogram = new LatencyHistogram()
    this.#values.forEach((valueUs, i) => histogram.record(valueUs, (this.#pool[i] ?? 0) - (this.#pool[i - 1] ?? 0)))
    return histogram
  }

  /** The latency in µs that a share `q` of the pool is not above, as LatencyHistogram.quantileUs; null without samples. */
  quantileUs(q: number): number | null {
    return this.#quantile(q, (i) => this.#pool[i] ?? 0)
  }

  /** The same of one block alone. */
  quantileOfBlockUs(block: number, q: number): number | null {
    const own = this.#blocks[block]
    return this.#quantile(q, (i) => own?.[i] ?? 0)
  }

  /** The same without block `omitted` (0 … blocks − 1). */
  quantileWithoutUs(omitted: number, q: number): number | null {
    const block = this.#blocks[omitted]
    return this.#quantile(q, (i) => (this.#pool[i] ?? 0) - (block?.[i] ?? 0))
  }

  /** How many latencies of a block are above this many µs, and how many it has. */
  tailOfBlock(block: number, latencyUs: number): { readonly above: number; readonly count: number } {
    const own = this.#blocks[block]
    const count = own?.at(-1) ?? 0
    const next = this.#values.findIndex((valueUs) => valueUs > latencyUs)
    return { above: next === -1 ? 0 : count - (next === 0 ? 0 : (own?.[next - 1] ?? 0)), count }
  }

  #quantile(q: number, cumulative: (index: number) => number): number | null {
    const last = this.#values.length - 1
    const total = last < 0 ? 0 : cumulative(last)
    if (total === 0) return null
    const wanted = Math.max(1, Math.ceil(q * total * (1 - Number.EPSILON)))
    let low = 0
    let high = last
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative(middle) >= wanted) high = middle
      else low = middle + 1
    }
    return this.#values[low] ?? null
  }
}

/** How many latencies of the pool are expected above its quantile `q`: (1 − q) · count, rounded. */
export function samplesAbove(pool: PooledLatencies, q: number): number {
  return Math.round((1 - q) * pool.count)
}

/**
 * Logarithm of a pooled quantile with its delete-one-block jackknife (Quenouille 1956; Tukey 1958; Shao & Wu 1989 on
 * why whole groups and not single samples must be left out for quantiles). Blocks, not requests, are the samples, so
 * autocorrelation within a block does no harm. Null where a pool is empty or a quantile is 0.
 */
export function jackknifeLogQuantile(pool: PooledLatencies, q: number): LogEstimate | null {
  return jackknife(pool.blocks, 1, {
    all: logOf(pool.quantileUs(q)),
    without: (block) => logOf(pool.quantileWithoutUs(block, q)),
    of: (block) => logOf(pool.quantileOfBlockUs(block, q)),
  })
}

/**
 * Logarithm of the ratio of two pooled quantiles, candidate over baseline, leaving out the same block of both at a time:
 * the pools must hold the same blocks in the same order. Null where a pool is empty or a quantile is 0.
 */
export function jackknifeLogQuantileRatio(
  baseline: PooledLatencies,
  candidate: PooledLatencies,
  q: number,
): LogEstimate | null {
  return jackknife(baseline.blocks, 2, {
    all: logOf(candidate.quantileUs(q)) - logOf(baseline.quantileUs(q)),
    without: (block) => logOf(candidate.quantileWithoutUs(block, q)) - logOf(baseline.quantileWithoutUs(block, q)),
    of: (block) => logOf(candidate.quantileOfBlockUs(block, q)) - logOf(baseline.quantileOfBlockUs(block, q)),
  })
}

/** A statistic of all blocks, of all but one, and of one. */
interface BlockStatistic {
  readonly all: number
  readonly without: (block: number) => number
  readonly of: (block: number) => number
}

/**
 * The estimate from all blocks with the standard error that leaving out each block in turn gives. The statistic is made
 * of so many `quantiles`, each rounded to the histogram's bins: that error, which no spread shows, is added.
 */
function jackknife(blocks: number, quantiles: number, statistic: BlockStatistic): LogEstimate | null {
  const numbers = Array.from({ length: blocks }, (_, block) => block)
  const [partial, values] = [numbers.map(statistic.without), numbers.map(statistic.of)]
  if (!Number.isFinite(statistic.all)) return null
  if (blocks < 2) return { log: statistic.all, standardError: Number.NaN, degrees: 0, values }
  if (!partial.every(Number.isFinite)) return null
  const centre = mean(partial)
  const squares = partial.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return {
    log: statistic.all,
    standardError: Math.sqrt(((blocks - 1) / blocks) * squares + (quantiles * BIN_WIDTH ** 2) / 12),
    degrees: effectiveDegrees(partial),
    values,
  }
}

function logOf(value: number | null): number {
  return value === null || value <= 0 ? Number.NaN : Math.log(value)
}

/** All values of all blocks, each once, ascending. */
function distinct(blocks: readonly Counts[]): Uint32Array {
  const all = new Uint32Array(blocks.reduce((length, { valuesUs }) => length + valuesUs.length, 0))
  let filled = 0
  for (const { valuesUs } of blocks) {
    all.set(valuesUs, filled)
    filled += valuesUs.length
  }
  all.sort()
  return all.filter((value, i) => i === 0 || value !== all[i - 1])
}

/** Cumulative counts of one block over the values of all. */
function cumulativeOver(values: Uint32Array, { valuesUs, counts }: Counts): Float64Array {
  const cumulative = new Float64Array(values.length)
  let next = 0
  let total = 0
  values.forEach((value, i) => {
    if (valuesUs[next] === value) total += counts[next++] ?? 0
    cumulative[i] = total
  })
  return cumulative
}
