import type { LabClaim } from '../../core/lab-record.ts'
import type { Estimate } from '../../core/records.ts'

type Outcome = LabClaim['outcome']

/** The values of a quantity for which a claim holds. */
export interface ClaimBounds {
  readonly above?: number
  readonly below?: number
}

/**
 * Judges a claim that a quantity lies within bounds: confirmed where its whole interval does, false where the whole
 * interval lies outside, else undecided; undecided as well where it was not measured (null).
 */
export function judge(quantity: Estimate | null, { above = -Infinity, below = Infinity }: ClaimBounds): Outcome {
  if (quantity === null) return 'undecided'
  const { low, high } = quantity
  if (low > above && high < below) return 'confirmed'
  return high <= above || low >= below ? 'does not hold here' : 'undecided'
}

/** The outcome of a claim that consists of several: false where one is false, confirmed where all are. */
export function allOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('does not hold here')) return 'does not hold here'
  return outcomes.length === 0 || outcomes.includes('undecided') ? 'undecided' : 'confirmed'
}

/**
 * Judges what was seen in each repetition: confirmed when every one was as claimed, false when none was, else (or without
 * any) undecided.
 */
export function judgeSeen(seen: readonly boolean[]): Outcome {
  if (seen.length === 0) return 'undecided'
  if (seen.every(Boolean)) return 'confirmed'
  return seen.some(Boolean) ? 'undecided' : 'does not hold here'
}
