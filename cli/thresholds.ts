import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ASSERTION_GRAMMAR, parseAssertion } from '../analysis/comparison/assertion.ts'
import { ForkwiseError, type ProblemList } from '../core/errors.ts'
import type { Thresholds } from '../report/thresholds.ts'
import type { OptionSpec } from './command.ts'
import type { OptionReader } from './options.ts'

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

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
