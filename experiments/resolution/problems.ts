import { ForkwiseError, type ProblemList } from '../../core/errors.ts'

/** What `read` gives; null, with its problems noted, when it throws a {@link ForkwiseError}. */
export function addProblems<T>(problems: ProblemList, read: () => T): T | null {
  try {
    return read()
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
    return null
  }
}
