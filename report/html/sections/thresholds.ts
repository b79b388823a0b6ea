import type { AssertionOutcome } from '../../assertion-outcome.ts'
import type { Section } from '../context.ts'
import { tableOf } from '../figure.ts'
import { markup } from '../markup.ts'

/** What became of the thresholds that were asserted. */
export function thresholdsSection(outcomes: readonly AssertionOutcome[]): Section | null {
  if (outcomes.length === 0) return null
  const call = { passed: 'better', failed: 'worse', undecided: 'inconclusive' } as const
  return {
    id: 'thresholds',
    title: 'Thresholds',
    body: tableOf(
      {
        headings: ['threshold', 'outcome', 'found'],
        rows: outcomes.map(({ text, outcome, because }) => [
          text,
          markup`<span class="call ${call[outcome]}">${outcome}</span>`,
          because,
        ]),
        sentences: [2],
      },
      'Thresholds',
    ),
  }
}
