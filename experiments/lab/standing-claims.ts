import { allOf } from '../../analysis/lab/claims.ts'
import type { LabCaseFacts, LabClaim, LabTrial } from '../../core/lab-record.ts'
import type { Lab } from './lab.ts'

/** Repetitions of a lab as they count, and why its claims cannot be decided. */
export interface CountedTrials {
  readonly trials: readonly LabTrial[]
  /** What the gates hold against repetitions that had to count; empty when none had to. */
  readonly reasons: readonly string[]
}

/** A case whose undisturbed repetitions are fewer than this share of all counts with the disturbed ones, and decides nothing. */
const LEAST_SHARE = 0.5

/**
 * Chooses what counts: of repetitions that were measured again the last one; disturbed ones only where too few of their case
 * were left alone.
 */
export function countedTrials(cases: readonly LabCaseFacts[], all: readonly LabTrial[]): CountedTrials {
  const reasons: string[] = []
  const trials = cases.flatMap(({ id }) => {
    const last = new Map(all.filter((trial) => trial.case === id).map((trial) => [trial.repeat, trial]))
    const [kept, disturbed] = [[...last.values()].filter(isCalm), [...last.values()].filter((each) => !isCalm(each))]
    if (kept.length > 0 && kept.length >= LEAST_SHARE * last.size) return kept
    reasons.push(...disturbed.flatMap((trial) => trial.disturbed ?? []))
    return [...last.values()]
  })
  return { trials, reasons }
}

/** Claims as they stand when disturbed repetitions had to count: those that depend on time are not decided, and say why. */
export function undecidedBy(
  claims: readonly LabClaim[],
  reasons: readonly string[],
  timeless: readonly string[] = [],
): readonly LabClaim[] {
  const [first] = reasons
  if (first === undefined) return claims
  return claims.map((claim) =>
    timeless.includes(claim.id)
      ? claim
      : { ...claim, outcome: 'undecided', sentence: `${claim.sentence} It decides nothing, since ${first}.` },
  )
}

/** Questions that these figures do not decide: by a claim about the same fact, or by what disturbed the whole lab. */
export function openQuestions(
  { asks, isTimeless }: Pick<Lab, 'asks' | 'isTimeless'>,
  claims: readonly LabClaim[],
  reasons: readonly string[],
): readonly string[] {
  const open = new Set(claims.flatMap(({ id, outcome }) => (outcome === 'undecided' ? [id] : [])))
  return asks.flatMap(({ id, claims: about }) => {
    const isDisturbed = about.length === 0 && isTimeless !== true && reasons.length > 0
    return isDisturbed || about.some((claim) => open.has(claim)) ? [id] : []
  })
}

/** Whether the belief that a lab is to end has ended here: what the claims say on which it rests. */
export function beliefEnds(endedBy: readonly string[], claims: readonly LabClaim[]): LabClaim['outcome'] {
  return allOf(claims.flatMap(({ id, outcome }) => (endedBy.includes(id) ? [outcome] : [])))
}

/** Claims that were decided say so where each case was run once: what was seen once is no more than that. */
export function seenOnce(claims: readonly LabClaim[], trials: readonly LabTrial[]): readonly LabClaim[] {
  if (trials.some(({ repeat }) => repeat > 1)) return claims
  return claims.map((claim) =>
    claim.outcome === 'undecided' ? claim : { ...claim, sentence: `${claim.sentence} Each case was run once.` },
  )
}

function isCalm({ disturbed = [] }: LabTrial): boolean {
  return disturbed.length === 0
}
