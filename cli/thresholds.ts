import { accessSync, constants, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ForkwiseError, messageOf, type ProblemList } from '../core/errors.ts'
import type { Manifest, Result } from '../core/records.ts'
import { type Assertion, ASSERTION_GRAMMAR, parseAssertion } from '../report/assertion.ts'
import { type AssertionOutcome, assertionsHold, evaluateAssertions } from '../report/assertion-outcome.ts'
import { renderJUnit } from '../report/junit.ts'
import type { OptionSpec } from './command.ts'
import type { OptionReader } from './options.ts'

/** Thresholds of a command line: what is asserted, and what becomes of it. */
export interface Thresholds {
  readonly assertions: readonly Assertion[]
  /** Whether an assertion that noise cannot decide counts as missed. */
  readonly undecided: 'fail' | 'warn'
  /** Absolute path of the JUnit file to write, or null. */
  readonly junit: string | null
}

/** No thresholds at all. */
export const NO_THRESHOLDS: Thresholds = { assertions: [], undecided: 'fail', junit: null }

/** The options of every command that can hold a result against thresholds. */
export const THRESHOLD_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'assert',
    type: 'string',
    value: 'threshold',
    multiple: true,
    help: `A threshold; exit code 5 when it is missed. May be given several times. It reads: ${ASSERTION_GRAMMAR}`,
  },
  {
    name: 'undecided',
    type: 'string',
    value: 'fail|warn',
    help: 'What a threshold does that the noise of the run cannot decide. Default: fail.',
  },
  { name: 'junit', type: 'string', value: 'file', help: 'Write what became of the thresholds as a JUnit file.' },
]

/** Reads the thresholds of a command line; every problem is noted. */
export function readThresholds(options: OptionReader, problems: ProblemList): Thresholds {
  const assertions = options.texts('assert').flatMap((text) => {
    try {
      return [parseAssertion(text)]
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
      return []
    }
  })
  const undecided = options.text('undecided') ?? 'fail'
  if (undecided !== 'fail' && undecided !== 'warn') {
    problems.add(`Expected \`--undecided\` to be fail or warn, got "${undecided}".`)
  }
  const junit = options.text('junit')
  if (junit !== undefined && !isWritableFolder(dirname(resolve(junit)))) {
    problems.add(`Expected \`--junit\` to name a file in a folder that can be written, got ${resolve(junit)}.`)
  }
  for (const name of ['undecided', 'junit']) {
    if (options.text(name) !== undefined && options.texts('assert').length === 0) {
      problems.add(`Expected \`--${name}\` together with \`--assert\`, got it alone.`)
    }
  }
  return {
    assertions,
    undecided: undecided === 'warn' ? 'warn' : 'fail',
    junit: junit === undefined ? null : resolve(junit),
  }
}

/** Holds a result against thresholds and writes the JUnit file that was asked for. */
export function judgeThresholds(
  { assertions, undecided, junit }: Thresholds,
  result: Result,
  manifest: Manifest,
): { outcomes: readonly AssertionOutcome[]; missed: boolean } {
  const outcomes = evaluateAssertions(assertions, result)
  if (junit !== null) {
    try {
      writeFileSync(junit, renderJUnit(outcomes, { id: result.id, createdAt: manifest.createdAt, undecided }))
    } catch (thrown) {
      throw new ForkwiseError('FOLDER_UNWRITABLE', {
        message: `Expected to be able to write \`--junit\` ${junit}, got: ${messageOf(thrown)}.`,
      })
    }
  }
  return { outcomes, missed: !assertionsHold(outcomes, undecided) }
}

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
