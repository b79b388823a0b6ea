import { tQuantile } from './student.ts'

/** More blocks than this are never asked for: the answer is then "it cannot be told". */
export const MOST_BLOCKS = 1000

/** Chance of finding an effect that plans are made for. */
export const POWER = 0.8

/**
 * Least number of blocks n with n ≥ ((t(1 − α/2m, n−1) + t(power, n−1)) · s / effect)²: enough to find an effect of that
 * size (on the log scale) with 80 % probability in an interval of that confidence over a family of m comparisons. The t
 * quantiles depend on n, so n is searched from `least` upwards. Null above {@link MOST_BLOCKS}. Source: Chow, Shao & Wang,
 * Sample Size Calculations in Clinical Research, ch. 3.
 */
export function blocksToFind(
  logEffect: number,
  sd: number,
  confidence: number,
  family: number,
  least: number,
): number | null {
  return fewestBlocks(
    least,
    (n) => tQuantile(1 - (1 - confidence) / (2 * family), n - 1) * sd + margin(sd, n) <= logEffect * Math.sqrt(n),
  )
}

/**
 * Least number of blocks to show with 80 % probability that a true log-ratio of `log` lies within ±`logDelta`, by two
 * one-sided tests at 5 % (Schuirmann 1987; Chow, Shao & Wang, ch. 3). Null above {@link MOST_BLOCKS}, or where the
 * ratio is not inside at all.
 */
export function blocksToEquate(log: number, logDelta: number, sd: number, least: number): number | null {
  const room = logDelta - Math.abs(log)
  if (room <= 0) return null
  return fewestBlocks(least, (n) => tQuantile(0.95, n - 1) * sd + margin(sd, n) <= room * Math.sqrt(n))
}

/**
 * The smallest effect (as a ratio above 1) that n blocks with this sd of the log-ratio find with 80 % probability:
 * the interval must exclude 1 and the estimate must reach the threshold `logDelta`. Infinity for fewer than 2 blocks.
 */
export function resolvableRatio(n: number, sd: number, confidence: number, family: number, logDelta: number): number {
  if (n < 2) return Infinity
  const interval = (tQuantile(1 - (1 - confidence) / (2 * family), n - 1) * sd) / Math.sqrt(n)
  return Math.exp(Math.max(interval, logDelta) + margin(sd, n) / Math.sqrt(n))
}

function margin(sd: number, n: number): number {
  return tQuantile(POWER, n - 1) * sd
}

/** The fewest blocks that are enough, found by halving: once enough, always enough. */
function fewestBlocks(least: number, enough: (n: number) => boolean): number | null {
  let low = Math.max(2, least)
  if (enough(low)) return low
  let high = low
  do {
    if (high >= MOST_BLOCKS) return null
    low = high
    high = Math.min(MOST_BLOCKS, high * 2)
  } while (!enough(high))
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (enough(middle)) high = middle
    else low = middle
  }
  return high
}
