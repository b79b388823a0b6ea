import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { unknownName } from '../../core/names.ts'
import { workloadOfPaths } from '../../loadtest/workloads.ts'
import type { OptionReader } from '../options.ts'

/** Workloads compared when none are named. */
export const DEFAULT_WORKLOADS = ['cpu', 'io', 'mixed'] as const

/** Reads `--workloads`, or `--path` for an app of one's own; every problem is noted. */
export function chooseWorkloads(
  options: OptionReader,
  all: readonly Workload[],
  problems: ProblemList,
): readonly Workload[] {
  const paths = options.texts('path')
  if (options.text('app') !== undefined) {
    if (paths.length === 0)
      problems.add('Expected `--path` with `--app`, got none.', 'Name what to request, e.g. `--path /orders/42`.')
    if (options.text('workloads') !== undefined)
      problems.add('Expected `--path` instead of `--workloads` with `--app`.')
    return paths.length === 0 ? [] : [workloadOfPaths(paths)]
  }
  if (paths.length > 0) problems.add('Expected `--path` only with `--app`, got it alone.')
  const ids = all.map((workload) => workload.id)
  const names = options.list('workloads') ?? [...DEFAULT_WORKLOADS]
  for (const name of names.filter((name) => !ids.includes(name))) {
    const problem = unknownName('a workload', name, ids)
    problems.add(problem.message, problem.hint)
  }
  if (names.length === 0) problems.add('Expected `--workloads` to name at least one workload, got none.')
  return all.filter((workload) => names.includes(workload.id))
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
