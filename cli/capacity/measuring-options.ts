import { freshSeed } from '../../core/seed.ts'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadModels } from '../../cluster/models.ts'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { unknownName } from '../../core/names.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { loadWorkloads, workloadOfPaths } from '../../loadtest/workloads.ts'
import type { OptionSpec } from '../command.ts'
import type { LaunchRequest, MeasuringRequest } from '../../experiments/capacity/request.ts'
import { DEFAULT_TIMEOUT_S } from '../../experiments/world.ts'
import type { OptionReader } from '../options.ts'

/** Options that all commands share which measure capacity. */
export const MEASURING_OPTIONS: readonly OptionSpec[] = [
  { name: 'workload', type: 'string', value: 'name', help: 'What the requests ask for. Default: cpu.' },
  { name: 'seed', type: 'string', value: 'n', help: 'Makes order and arrivals repeatable. Default: random.' },
  { name: 'out', type: 'string', value: 'dir', help: 'Folder for the results. Default: results/<time>.' },
  { name: 'app', type: 'string', value: 'file', help: 'Your own app instead of the built-in one.' },
  {
    name: 'path',
    type: 'string',
    value: 'path',
    multiple: true,
    help: 'A path to request instead of a workload; may be given several times.',
  },
  { name: 'node', type: 'string', value: 'path', help: 'Run the measured processes on this Node.' },
  { name: 'timeout', type: 'string', value: '5s', help: 'Give a request up after this time. Default: 5s.' },
]

/** Most workers that a command starts. */
const MAX_WORKERS = 128

/** Reads which models are to be measured, and how, noting every problem. */
export async function readMeasuring(
  names: readonly string[],
  options: OptionReader,
  problems: ProblemList,
): Promise<MeasuringRequest> {
  const all = await loadModels()
  const ids = all.map((model) => model.id)
  for (const name of names.filter((each) => !ids.includes(each))) {
    const problem = unknownName('a model', name, ids)
    problems.add(problem.message, problem.hint)
  }
  const launching = readLaunching(options, problems)
  if (launching.app !== null && options.texts('path').length === 0) {
    problems.add('Expected `--path` with `--app`, got none.', 'Name what to request, e.g. `--path /orders/42`.')
  }
  return {
    ...launching,
    models: names.flatMap((name) => all.filter((model) => model.id === name)),
    workload: await readWorkload(options, launching.app, problems),
  }
}

/** Reads how servers are to be launched, noting every problem. */
export function readLaunching(options: OptionReader, problems: ProblemList): LaunchRequest {
  return {
    app: readApp(options, problems),
    nodePath: options.text('node') ?? null,
    timeoutS: options.read('timeout', parseDurationS, DEFAULT_TIMEOUT_S),
    seed: options.read('seed', (text, option) => parseCount(text, option, 0, 0xffffffff), freshSeed()),
    out: options.text('out') ?? null,
  }
}

/** Worker counts written like `1..8`, `1,2,4` or `4`, ascending; throws a usage error that names the option. */
export function parseCounts(text: string, option: string): number[] {
  const counts = text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('..')
    const low = parseCount(first, option, 1, MAX_WORKERS)
    const high = parseCount(last, option, 1, MAX_WORKERS)
    if (high < low) {
      throw new ForkwiseError('USAGE', {
        message: `Expected \`${option}\` to count upwards, got "${part.trim()}".`,
        hint: `Write it like ${high}..${low}.`,
      })
    }
    return Array.from({ length: high - low + 1 }, (_, i) => low + i)
  })
  return [...new Set(counts)].sort((a, b) => a - b)
}

function readApp(options: OptionReader, problems: ProblemList): string | null {
  const app = options.text('app')
  if (app === undefined) return null
  const path = resolve(app)
  if (!existsSync(path)) problems.add(`Expected \`--app\` to be a file, got "${app}", which does not exist.`)
  return path
}

async function readWorkload(options: OptionReader, app: string | null, problems: ProblemList): Promise<Workload> {
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
