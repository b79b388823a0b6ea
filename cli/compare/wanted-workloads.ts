import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { unknownName } from '../../core/names.ts'
import { workloadOfPaths } from '../../loadtest/workloads.ts'
import type { OptionReader } from '../options.ts'

/** Workloads compared when none are named. */
export const DEFAULT_WORKLOADS = ['cpu', 'io', 'mixed'] as const

/**
 * Reads `--workloads`, or `--path` for an app or a running server of one's own; every problem is noted. Workloads that a
 * configuration defines (`own`) are compared when none are named.
 */
export function chooseWorkloads(
  options: OptionReader,
  builtIn: readonly Workload[],
  own: readonly Workload[],
  problems: ProblemList,
): readonly Workload[] {
  const paths = options.texts('path')
  const ownApp = options.text('app') !== undefined
  const named = options.text('workloads') !== undefined
  if (ownApp && paths.length === 0 && own.length === 0)
    problems.add('Expected `--path` with `--app`, got none.', 'Name what to request, e.g. `--path /orders/42`.')
  if (paths.length > 0 && !ownApp && options.texts('url').length === 0)
    problems.add('Expected `--path` only with `--app` or `--url`, got it alone.')
  if (named && paths.length > 0) problems.add('Expected either `--path` or `--workloads`, got both.')
  else if (named && ownApp && own.length === 0)
    problems.add('Expected `--path` instead of `--workloads` with `--app`.', 'A configuration can define workloads.')
  if (paths.length > 0) return pathWorkload(paths, problems)
  if (ownApp && own.length === 0) return []
  const all = [...builtIn, ...own]
  const ids = all.map((workload) => workload.id)
  const names = options.list('workloads') ?? (own.length > 0 ? own.map(({ id }) => id) : [...DEFAULT_WORKLOADS])
  for (const name of names.filter((name) => !ids.includes(name))) {
    const problem = unknownName('a workload', name, ids)
    problems.add(problem.message, problem.hint)
  }
  if (names.length === 0) problems.add('Expected `--workloads` to name at least one workload, got none.')
  return all.filter((workload) => names.includes(workload.id))
}

function pathWorkload(paths: readonly string[], problems: ProblemList): readonly Workload[] {
  try {
    return [workloadOfPaths(paths)]
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
    return []
  }
}

/** Reads `--app` as an absolute path, or null; a file that is not there is noted. */
export function readApp(options: OptionReader, problems: ProblemList): string | null {
  const app = options.text('app')
  if (app === undefined) return null
  const path = resolve(app)
  if (!existsSync(path)) {
    problems.add(`Expected \`--app\` to be a file, got "${app}", which does not exist in ${dirname(path)}.`)
  }
  return path
}
