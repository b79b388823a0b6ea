import { highestValueAt } from '../../core/histogram-codec.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LogEstimate } from './interval.ts'
import { effectiveDegrees, mean } from './sample.ts'

/** Widest bin of a histogram of three significant digits, relative to its value; rounding to it has variance width²/12. */
const BIN_WIDTH = 1 / 1024

/** Distinct latencies in µs, ascending, each with the number of latencies up to it: a histogram in a hundredth of its size. */
export interface Counts {
  readonly valuesUs: Uint32Array
  readonly cumulative: Uint32Array
}

/** The recorded values of a histogram with their cumulative counts. */
export function countsOf(histogram: LatencyHistogram): Counts {
  const { places, counts } = histogram.sparse()
  const [valuesUs, cumulative] = [new Uint32Array(places.length), new Uint32Array(places.length)]
  let total = 0
  for (let i = 0; i < places.length; i++) {
    valuesUs[i] = highestValueAt(places[i] ?? 0)
    total += counts[i] ?? 0
    cumulative[i] = total
  }
  return { valuesUs, cumulative }
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
  readonly #blocks: readonly Counts[]

  constructor(blocks: readonly Counts[]) {
    this.#values = distinct(blocks)
    this.#pool = new Float64Array(this.#values.length)
    this.#blocks = blocks
    for (const block of blocks) addCounts(this.#pool, this.#values, block)
    for (let i = 1; i < this.#pool.length; i++) this.#pool[i] = (this.#pool[i] ?? 0) + (this.#pool[i - 1] ?? 0)
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
    return this.#quantile(q, (i) => this.#countUpTo(block, this.#values[i] ?? 0))
  }

  /** The same without block `omitted` (0 … blocks − 1). */
  quantileWithoutUs(omitted: number, q: number): number | null {
    return this.#quantile(q, (i) => (this.#pool[i] ?? 0) - this.#countUpTo(omitted, this.#values[i] ?? 0))
  }

  /** How many latencies of a block are above this many µs, and how many it has. */
  tailOfBlock(block: number, latencyUs: number): { readonly above: number; readonly count: number } {
    const count = this.#blocks[block]?.cumulative.at(-1) ?? 0
    return { above: count - this.#countUpTo(block, latencyUs), count }
  }

  /** How many latencies of a block are not above this many µs. */
  #countUpTo(block: number, latencyUs: number): number {
    const own = this.#blocks[block]
    if (own === undefined) return 0
    const above = firstWhere(own.valuesUs.length, (i) => (own.valuesUs[i] ?? 0) > latencyUs)
    return above === 0 ? 0 : (own.cumulative[above - 1] ?? 0)
  }

  #quantile(q: number, cumulative: (index: number) => number): number | null {
    const last = this.#values.length - 1
    const total = last < 0 ? 0 : cumulative(last)
    if (total === 0) return null
    const wanted = Math.max(1, Math.ceil(q * total * (1 - Number.EPSILON)))
    return this.#values[firstWhere(last, (i) => cumulative(i) >= wanted)] ?? null
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
 * of `quantiles` quantiles, each rounded to the histogram's bins: that error, which no spread shows, is added.
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

/** Adds the counts of one block, not cumulative, at the places of its values among all. */
function addCounts(sums: Float64Array, values: Uint32Array, { valuesUs, cumulative }: Counts): void {
  let place = 0
  let before = 0
  for (let i = 0; i < valuesUs.length; i++) {
    while (values[place] !== valuesUs[i]) place += 1
    sums[place] = (sums[place] ?? 0) + (cumulative[i] ?? 0) - before
    before = cumulative[i] ?? 0
  }
}

/** The first of 0 … length − 1 for which a condition holds that, once it holds, holds for all after it; else `length`. */
function firstWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
