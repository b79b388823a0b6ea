import { deriveSeed, seededRandom, type Random } from '../../core/random.ts'

/** The random numbers that the server of known behaviour draws from, one for each request that needs one. */
export function knownRandom(seed: number): Random {
  return seededRandom(deriveSeed(seed, 'known-server'))
}

/** The value that a share `q` of a sample is not above: the smallest with at least q·n values up to it. */
export function sampleQuantile(sample: readonly number[], q: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}

/** Arithmetic mean. */
export function sampleMean(sample: readonly number[]): number {
  return sample.reduce((sum, value) => sum + value, 0) / sample.length
}

/**
 * Latencies in a queue with `places` servers that serves in the order of arrival: Lindley's recursion for one server,
 * Kiefer and Wolfowitz's for several. All times in one unit.
 */
export function queueLatencies(arrivals: readonly number[], services: readonly number[], places: number): number[] {
  const freeAt = Array<number>(places).fill(0)
  return arrivals.map((arrival, i) => {
    const first = Math.min(...freeAt)
    const end = Math.max(arrival, first) + (services[i] ?? 0)
    freeAt[freeAt.indexOf(first)] = end
    return end - arrival
  })
}

/**
 * Quantile of the latency when a server that otherwise answers at once stands still for `stallS` of a run of `runS`, with
 * arrivals spread evenly: a share stallS/runS of them waits for what is left of the stall, so that a share 1−q waits
 * longer than stallS − (1−q)·runS.
 */
export function stallQuantileS(q: number, stallS: number, runS: number): number {
  return Math.max(0, stallS - (1 - q) * runS)
}
