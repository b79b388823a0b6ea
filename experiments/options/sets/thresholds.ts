// oxlint-disable typescript/no-unnecessary-type-assertion -- declarations are made file by file, from what is written here
import { ASSERTION_GRAMMAR } from '../../../analysis/comparison/assertion.ts'

/** What a result is held against. */
export const THRESHOLDS = {
  assert: {
    schema: { type: 'array', items: { type: 'string', minLength: 1, title: 'a threshold' } },
    reads: 'assertions',
    help: `Thresholds; exit code 5 when one is missed. Each reads: ${ASSERTION_GRAMMAR}` as string,
    default: [],
    line: {
      value: 'threshold',
      words: 'each',
      help: `A threshold; exit code 5 when it is missed. May be given several times. It reads: ${ASSERTION_GRAMMAR}` as string,
    },
  },
  undecided: {
    schema: { enum: ['fail', 'warn'] },
    help: 'What a threshold does when the noise of the run leaves it undecided.',
    default: 'fail',
    line: { value: 'fail|warn' },
  },
  junit: {
    schema: { type: 'string', minLength: 1 },
    help: 'Write the results of the thresholds as a JUnit file.',
    path: 'file',
    line: { value: 'file' },
  },
} as const
