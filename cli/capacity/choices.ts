import { freshSeed } from '../../core/seed.ts'
import { loadModels } from '../../cluster/models.ts'
import type { AppUnderTest, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { unknownName } from '../../core/names.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { loadWorkloads, workloadOfPaths } from '../../loadtest/workloads.ts'
import type { Invocation, OptionSpec } from '../command.ts'
import { findingsOf, type JudgedModel, judgeModelsOnNodes, requireAllRunnable } from '../../cluster/runnable.ts'
import { OptionReader } from '../options.ts'
import { OWN_APP_OPTIONS, readOwnApp } from '../own-app.ts'

/** What a command that measures capacity was asked to measure. */
export interface Choices {
  readonly models: readonly ServerModel[]
  readonly workload: Workload
  readonly app: AppUnderTest | null
  readonly nodePath: string | null
  /** The interpreter of the models in Python; null = Debian's. */
  readonly pythonPath: string | null
  readonly timeoutS: number
  readonly seed: number
  readonly out: string | undefined
}

/** The same once it is known which Node runs each model here. */
export interface RunnableChoices extends Choices {
  readonly judged: readonly JudgedModel[]
}

/** Options that all commands share which measure capacity. */
export const MEASURING_OPTIONS: readonly OptionSpec[] = [
  { name: 'workload', type: 'string', value: 'name', help: 'What the requests ask for. Default: cpu.' },
  { name: 'seed', type: 'string', value: 'n', help: 'Makes order and arrivals repeatable. Default: random.' },
  { name: 'out', type: 'string', value: 'dir', help: 'Folder for the results. Default: results/<time>.' },
  ...OWN_APP_OPTIONS,
  {
    name: 'path',
    type: 'string',
    value: 'path',
    multiple: true,
    help: 'A path to request instead of a workload; may be given several times.',
  },
  { name: 'node', type: 'string', value: 'path', help: 'Run the measured processes on this Node.' },
  {
    name: 'python',
    type: 'string',
    value: 'path',
    help: 'Run the models in Python on this interpreter: pypy3, a free-threaded CPython.',
  },
  { name: 'timeout', type: 'string', value: '5s', help: 'Give a request up after this time. Default: 5s.' },
]

/** Most workers that a command starts. */
const MAX_WORKERS = 128

/** Reads what to measure, noting every problem; the models' own needs are looked at by {@link requireRunnable}. */
export async function readChoices(
  names: readonly string[],
  invocation: Invocation,
  problems: ProblemList,
): Promise<Choices> {
  const options = new OptionReader(invocation.values, problems)
  const all = await loadModels()
  const ids = all.map((model) => model.id)
  for (const name of names.filter((each) => !ids.includes(each))) {
    const problem = unknownName('a model', name, ids)
    problems.add(problem.message, problem.hint)
  }
  const app = readOwnApp(options, problems)
  if (app !== null && options.texts('path').length === 0) {
    problems.add(
      'Expected `--path` with an app of your own, got none.',
      'Name what to request, e.g. `--path /orders/42`.',
    )
  }
  return {
    models: names.flatMap((name) => all.filter((model) => model.id === name)),
    workload: await readWorkload(options, app, problems),
    app,
    nodePath: options.text('node') ?? null,
    pythonPath: options.text('python') ?? null,
    timeoutS: options.read('timeout', parseDurationS, 5),
    seed: options.read('seed', (text, option) => parseCount(text, option, 0, 0xffffffff), freshSeed()),
    out: options.text('out'),
  }
}

/** Finds the Node that runs each model here; throws PART_MISSING for the models that cannot run, all at once. */
export async function requireRunnable(choices: Choices): Promise<RunnableChoices> {
  const runnable = await judgeChoices(choices)
  requireAllRunnable(runnable.judged)
  return runnable
}

/** What each of the models lacks here, the Node that is to run it, and how the app is started. */
export async function judgeChoices(choices: Choices): Promise<RunnableChoices> {
  const { models, nodePath, pythonPath, app } = choices
  const findings = await findingsOf(app, nodePath)
  const judged = await judgeModelsOnNodes(models, nodePath, findings, pythonPath)
  return { ...choices, app: app === null ? null : { ...app, ...findings?.start }, judged }
}

/** Worker counts written like `1..8`, `1,2,4` or `4`, ascending; throws a usage error that names the option. */
export function parseCounts(text: string, option: string): number[] {
  const counts = text.split(',').flatMap((part) => {
    const [first = '', last] = part.split('..')
    const low = parseCount(first, option, 1, MAX_WORKERS)
    const high = last === undefined ? low : parseCount(last, option, low, MAX_WORKERS)
    return Array.from({ length: high - low + 1 }, (_, i) => low + i)
  })
  return [...new Set(counts)].sort((a, b) => a - b)
}

async function readWorkload(options: OptionReader, app: AppUnderTest | null, problems: ProblemList): Promise<Workload> {
  const all = await loadWorkloads()
  const paths = options.texts('path')
  const name = options.text('workload')
  const fallback = all[0] as Workload
  if (paths.length > 0) {
    if (name !== undefined) problems.add('Expected either `--path` or `--workload`, got both.')
    try {
      return workloadOfPaths(paths)
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
      return fallback
    }
  }
  if (app !== null) return fallback
  const found = all.find((workload) => workload.id === (name ?? 'cpu'))
  if (found !== undefined) return found
  const problem = unknownName(
    '`--workload` to be one',
    name ?? '',
    all.map((workload) => workload.id),
  )
  problems.add(problem.message, problem.hint)
  return fallback
}
