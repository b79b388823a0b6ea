import type { Thresholds } from '../analysis/comparison/assertion.ts'
import { type AssertionOutcome, assertionsHold, evaluateAssertions } from './assertion-outcome.ts'
import type { Result } from '../core/records.ts'
import { writeOutput } from '../store/output-file.ts'
import { type JUnitSuite, renderJUnit } from './junit.ts'
import type { RecordedRun } from './run.ts'

/** Holds a result against thresholds and writes the JUnit file that was asked for. Throws FOLDER_UNWRITABLE. */
export function judgeThresholds(
  thresholds: Thresholds,
  result: Result,
  { manifest, trials }: Pick<RecordedRun, 'manifest' | 'trials'>,
): { outcomes: readonly AssertionOutcome[]; missed: boolean } {
  const outcomes = evaluateAssertions(thresholds.assertions, result)
  return {
    outcomes,
    missed: settle(thresholds, [{ name: result.id, createdAt: manifest.createdAt, outcomes, trials }]),
  }
}

/** Writes the JUnit file that was asked for, and says whether a threshold was missed in any run. Throws FOLDER_UNWRITABLE. */
export function settle({ undecided, junit }: Thresholds, runs: readonly JUnitSuite[]): boolean {
  if (junit !== null) writeOutput(junit, renderJUnit(runs, undecided), '--junit')
  return !runs.every(({ outcomes }) => assertionsHold(outcomes, undecided))
}
