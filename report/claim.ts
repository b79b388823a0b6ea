import type { AssertionOutcome } from './assertion-outcome.ts'
import type { TextStyle } from './text.ts'

/** A statement that a comparison was made for. */
export interface ClaimedStatement {
  readonly claim: string
  readonly source?: string
}

/** What became of a claim on the machine that it was tried on. */
export interface ClaimVerdict extends ClaimedStatement {
  readonly outcome: 'confirmed' | 'refuted' | 'undecided'
}

/**
 * A claim is confirmed when all that it says holds, refuted when any part of it does not, and undecided when none is
 * refuted and the noise, or what was not measured, leaves one open.
 */
export function judgeClaim({ claim, source }: ClaimedStatement, outcomes: readonly AssertionOutcome[]): ClaimVerdict {
  const found = new Set(outcomes.map(({ outcome }) => outcome))
  const outcome = found.has('failed')
    ? 'refuted'
    : found.has('undecided') || found.size === 0
      ? 'undecided'
      : 'confirmed'
  return { claim, ...(source === undefined ? {} : { source }), outcome }
}

/** A verdict for a terminal: the claim, who says so, and what decides. */
export function claimText(
  { claim, source, outcome }: ClaimVerdict,
  outcomes: readonly AssertionOutcome[],
  style: TextStyle,
): string {
  const decisive = outcomes.filter((each) => each.outcome === DECIDES[outcome])
  const colour = { confirmed: 'good', refuted: 'bad', undecided: 'warn' } as const
  return [
    `${style(colour[outcome], WORDS[outcome])} ${claim}`,
    ...(source === undefined ? [] : [style('faint', source)]),
    ...decisive.map(({ text, because }) => `  ${text}: ${because}`),
    ...(decisive.length === 0 ? ['  Nothing that it rests on was measured.'] : []),
  ].join('\n')
}

const DECIDES = { confirmed: 'passed', refuted: 'failed', undecided: 'undecided' } as const

const WORDS = {
  confirmed: 'Confirmed here:',
  refuted: 'Refuted here:',
  undecided: 'Undecided here:',
} as const
