import { ForkwiseError, type Problem } from './errors.ts'
import { quoted } from './quotes.ts'

/**
 * The name nearest to a word by edit distance, or null when none is near enough to be meant: at most a third of its
 * length or two edits away, and with something of the word left.
 */
export function nearestName(word: string, names: readonly string[]): string | null {
  const ranked = names
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  if (best === undefined || best.distance >= Math.min(word.length, best.name.length)) return null
  return best.distance <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : null
}

/** The problem to report for a name that does not exist: with the nearest one and the list of all. */
export function unknownName(kind: string, word: string, names: readonly string[]): Problem {
  const nearest = nearestName(word, names)
  return {
    message: `Expected ${kind} that exists, got ${quoted(word)}.`,
    hint: `${nearest === null ? '' : `Did you mean "${nearest}"? `}Known: ${names.join(', ')}.`,
  }
}

/** Throws one UNKNOWN_NAME error for all words that are not among the names. */
export function requireKnown(kind: string, words: readonly string[], names: readonly string[]): void {
  const problems = words.filter((word) => !names.includes(word)).map((word) => unknownName(kind, word, names))
  if (problems.length > 0) throw new ForkwiseError('UNKNOWN_NAME', problems)
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours (Damerau 1964). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? 0) + 1 : Infinity
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1), swap))
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
