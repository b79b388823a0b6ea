import { writeFileSync } from 'node:fs'
import type { Thresholds } from '../analysis/comparison/assertion.ts'
import { type AssertionOutcome, assertionsHold, evaluateAssertions } from './assertion-outcome.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import type { Result } from '../core/records.ts'
import { renderJUnit } from './junit.ts'
import type { RecordedRun } from './run.ts'

/** Holds a result against thresholds and writes the JUnit file that was asked for. Throws FOLDER_UNWRITABLE. */
export function judgeThresholds(
  { assertions, undecided, junit }: Thresholds,
  result: Result,
  { manifest, trials }: Pick<RecordedRun, 'manifest' | 'trials'>,
): { outcomes: readonly AssertionOutcome[]; missed: boolean } {
  const outcomes = evaluateAssertions(assertions, result)
  if (junit !== null) {
    try {
      writeFileSync(junit, renderJUnit(outcomes, { id: result.id, createdAt: manifest.createdAt, undecided, trials }))
    } catch (thrown) {
      throw new ForkwiseError('FOLDER_UNWRITABLE', {
        message: `Expected to be able to write \`--junit\` ${junit}, got: ${messageOf(thrown)}.`,
      })
    }
  }
  return { outcomes, missed: !assertionsHold(outcomes, undecided) }
}
