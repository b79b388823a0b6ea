import type { Fairness } from '../../core/records.ts'

/**
 * How evenly counts (requests, connections) are spread over workers. Jain's index (Σx)²/(n·Σx²) is 1 when all have the
 * same and 1/n when one has everything (Jain, Chiu & Hawe, DEC-TR-301, 1984). Null without workers or without anything
 * to spread.
 */
export function fairnessOf(counts: readonly number[]): Fairness | null {
  const sum = counts.reduce((total, count) => total + count, 0)
  if (sum === 0) return null
  const squares = counts.reduce((total, count) => total + count * count, 0)
  return {
    jain: (sum * sum) / (counts.length * squares),
    idleWorkers: counts.filter((count) => count === 0).length,
    shareSpread: (Math.max(...counts) - Math.min(...counts)) / sum,
  }
}

/** Shares of a whole, largest first; empty without anything to share. */
export function sharesOf(counts: readonly number[]): number[] {
  const sum = counts.reduce((total, count) => total + count, 0)
  return sum === 0 ? [] : counts.map((count) => count / sum).sort((a, b) => b - a)
}

/** Mean of several lists of shares, place by place; a list that is shorter has nothing at the places it lacks. */
export function meanShares(lists: readonly (readonly number[])[]): number[] {
  const known = lists.filter((shares) => shares.length > 0)
  const places = Math.max(0, ...known.map((shares) => shares.length))
  return Array.from(
    { length: places },
    (_, place) => known.reduce((sum, shares) => sum + (shares[place] ?? 0), 0) / known.length,
  )
}
