import { normalQuantile } from './normal.ts'
import { tPower, tQuantile } from './student.ts'

/** More blocks than this are never asked for: the answer is then "cannot be resolved". */
export const MOST_BLOCKS = 1000

/** From here on the normal approximation is right to the block. */
const LARGE = 200

/**
 * Chance of finding an effect that plans give the t test, so that 80 % are left after the robust estimate had to agree:
 * that takes up to 2 % (simulated, 8 to 32 blocks).
 */
const POWER = 0.83

/**
 * Least number of blocks n, from `least` upwards, that find an effect of that size (on the log scale) with 80 %
 * probability in an interval of that confidence over a family of m comparisons: P(T > t(1 − α/2m, n − 1)) for the
 * noncentral t with shift effect·√n/s. The usual n = ((t(1 − α/2m) + t(0.8))·s/effect)² comes close, but finds only 77 %
 * with 8 blocks and a family of 9. Null above {@link MOST_BLOCKS}. Source: Chow, Shao & Wang, Sample Size Calculations
 * in Clinical Research, 3.1.
 */
export function blocksToFind(
  logEffect: number,
  sd: number,
  confidence: number,
  family: number,
  least: number,
): number | null {
  const near = approximateBlocks((1 - confidence) / (2 * family), POWER, logEffect, sd)
  return fewestBlocks(least, near, (n) => {
    return tPower(critical(n, confidence, family), (logEffect * Math.sqrt(n)) / sd, n - 1) >= POWER
  })
}

/**
 * Least number of blocks to show with 80 % probability that a true log-ratio of `log` lies within ±`logDelta`, by two
 * one-sided tests at 5 % (Schuirmann 1987): both must succeed, so the chance is the sum of theirs less one (Phillips 1990).
 * Null above {@link MOST_BLOCKS}, or where the ratio is not inside at all.
 */
export function blocksToEquate(log: number, logDelta: number, sd: number, least: number): number | null {
  if (Math.abs(log) >= logDelta) return null
  const chance = log === 0 ? (1 + POWER) / 2 : POWER
  return fewestBlocks(least, approximateBlocks(0.05, chance, logDelta - Math.abs(log), sd), (n) => {
    const [above, below] = [logDelta - log, logDelta + log].map((room) =>
      tPower(tQuantile(0.95, n - 1), (room * Math.sqrt(n)) / sd, n - 1),
    )
    return (above ?? 0) + (below ?? 0) - 1 >= POWER
  })
}

/**
 * The smallest effect (as a ratio above 1) that n blocks with this sd of the log-ratio find with 80 % probability: the
 * interval must exclude 1 and the estimate must reach the threshold `logDelta`. Infinity for fewer than 2 blocks.
 */
export function resolvableRatio(n: number, sd: number, confidence: number, family: number, logDelta: number): number {
  if (n < 2) return Infinity
  const error = sd / Math.sqrt(n)
  const t = critical(n, confidence, family)
  let [low, high] = [0, 2 * t + 2]
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2
    if (tPower(t, middle, n - 1) >= POWER) high = middle
    else low = middle
  }
  return Math.exp(Math.max(high * error, logDelta + normalQuantile(POWER) * error))
}

function critical(n: number, confidence: number, family: number): number {
  return tQuantile(1 - (1 - confidence) / (2 * family), n - 1)
}

/**
 * The fewest blocks that are enough, sought from the normal approximation n = (z + z')²·s²/e² + z²/2 (Guenther 1981)
 * onwards: it is seldom off by more than two, and exact enough above {@link LARGE}.
 */
function fewestBlocks(least: number, near: number, enough: (n: number) => boolean): number | null {
  const lowest = Math.max(2, least)
  if (near > MOST_BLOCKS) return null
  if (near > LARGE) return Math.max(lowest, Math.ceil(near))
  let n = Math.max(lowest, Math.round(near))
  while (n > lowest && enough(n - 1)) n -= 1
  while (!enough(n)) {
    n += 1
  }
  return n
}

function approximateBlocks(tail: number, chance: number, effect: number, sd: number): number {
  const [z, power] = [normalQuantile(1 - tail), normalQuantile(chance)]
  return (((z + power) * sd) / effect) ** 2 + (z * z) / 2
}
