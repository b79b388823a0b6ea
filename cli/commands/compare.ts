import { dirname, resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { loadModels } from '../../cluster/models.ts'
import type { NeedsEnvironment, ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { machineFacts } from '../../core/machine.ts'
import { requireKnown, unknownName } from '../../core/names.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import type { Manifest } from '../../core/records.ts'
import { LEAST_BLOCKS, makePlan, type PlanRequest } from '../../loadtest/plan.ts'
import { readRun } from '../../loadtest/store.ts'
import { loadWorkloads, workloadOfPaths } from '../../loadtest/workloads.ts'
import type { Command, Invocation } from '../command.ts'
import { forkwiseVersion } from '../command-line.ts'
import { type Comparison, newRunDir, newRunId, runComparison } from '../comparison.ts'
import { judgeModels, needsEnvironment } from '../models.ts'
import { requireAssertable } from '../../report/assertion.ts'
import { availableCores, freshSeed, OptionReader } from '../options.ts'
import { NO_THRESHOLDS, readThresholds, THRESHOLD_OPTIONS } from '../thresholds.ts'

/** Models compared when none are named. */
const DEFAULT_MODELS = ['single', 'cluster', 'pm2-fork', 'worker-pool'] as const

/** Workloads compared when none are named. */
const DEFAULT_WORKLOADS = ['cpu', 'io', 'mixed'] as const

/** Most workers a comparison starts per model. */
const MAX_WORKERS = 128

/** `forkwise compare`: the main job. */
export const command: Command = {
  name: 'compare',
  summary: 'Run the same handlers under several server models and say which is better.',
  positionals: '',
  arity: [0, 0],
  description:
    'Starts each server model afresh in randomised blocks, drives it with load, and prints a verdict for each model ' +
    'and workload: better, worse, same, or inconclusive and why. The default takes about five minutes; --quick is a ' +
    'pilot of about a minute. Everything is kept in a results folder, also when the run is interrupted.',
  options: [
    {
      name: 'models',
      type: 'string',
      value: 'a,b',
      help: `Server models, or "all" that can run here. Default: ${DEFAULT_MODELS.join(',')}.`,
    },
    { name: 'workloads', type: 'string', value: 'x,y', help: `Default: ${DEFAULT_WORKLOADS.join(',')}.` },
    { name: 'workers', type: 'string', value: 'n', help: 'Workers per model. Default: one per core for the server.' },
    { name: 'baseline', type: 'string', value: 'model', help: 'Compare the others with this model. Default: single.' },
    { name: 'quick', type: 'boolean', help: 'A pilot of about a minute: shows the direction, settles little.' },
    { name: 'budget', type: 'string', value: '5m', help: 'Plan the run to fill this time.' },
    {
      name: 'blocks',
      type: 'string',
      value: 'n',
      help: 'Blocks to measure; each launches every model once per workload.',
    },
    { name: 'seed', type: 'string', value: 'n', help: 'Makes order and arrivals repeatable. Default: random.' },
    { name: 'out', type: 'string', value: 'dir', help: 'Folder for the results. Default: results/<time>.' },
    { name: 'resume', type: 'string', value: 'dir', help: 'Go on with an interrupted run.' },
    {
      name: 'app',
      type: 'string',
      value: 'file',
      help: 'Your own app: a module that exports an Express app, a listener or createApp().',
    },
    {
      name: 'path',
      type: 'string',
      value: 'path',
      multiple: true,
      help: 'With --app: a path to request; may be given several times.',
    },
    { name: 'node', type: 'string', value: 'path', help: 'Run the measured processes on this Node.' },
    { name: 'timeout', type: 'string', value: '5s', help: 'Give a request up after this time. Default: 5s.' },
    {
      name: 'metrics',
      type: 'string',
      value: 'on|off',
      help: 'Measure with or without the servers’ own metrics. Default: on.',
    },
    {
      name: 'prometheus',
      type: 'boolean',
      help: 'Watch the run with a private Prometheus, where it is installed; its data stays in the results folder.',
    },
    ...THRESHOLD_OPTIONS,
  ],
  examples: [
    { line: 'forkwise compare --quick', meaning: 'A first impression in about a minute.' },
    {
      line: 'forkwise compare --models single,cluster --workloads cpu --budget 10m',
      meaning: 'One question, a sure answer.',
    },
    {
      line: 'forkwise compare --app ./app.js --path /orders/42 --quick',
      meaning: 'Your own app instead of the built-in handlers.',
    },
    {
      line: "forkwise compare --assert 'cluster/cpu throughput >= 1.5x single' --junit forkwise.xml",
      meaning: 'A threshold in a pipeline: exit code 5 when it is missed.',
    },
    { line: 'forkwise compare --resume results/2026-11-20-101500-compare', meaning: 'Go on where a run stopped.' },
  ],
  json: true,
  async run(invocation) {
    const comparison =
      typeof invocation.values['resume'] === 'string'
        ? await resumedComparison(invocation)
        : await newComparison(invocation)
    return runComparison(comparison, invocation)
  },
}

async function newComparison(invocation: Invocation): Promise<Comparison> {
  const problems = new ProblemList()
  const options = new OptionReader(invocation.values, problems)
  const cores = availableCores()
  const all = await loadModels()
  const nodePath = options.text('node') ?? null
  const environment = needsEnvironment(nodePath)
  const wanted = await chooseModels(options, all, problems, environment)
  const workloads = chooseWorkloads(options, await loadWorkloads(), problems)
  const baseline =
    options.text('baseline') ?? (wanted.names.includes('single') ? 'single' : (wanted.names[0] ?? 'single'))
  if (options.text('baseline') !== undefined && !wanted.names.includes(baseline)) {
    const problem = unknownName('`--baseline` to be one of the models compared', baseline, wanted.names)
    problems.add(problem.message, problem.hint)
  }
  options.atMostOne(['quick', 'budget', 'blocks'])
  const app = readApp(options, problems)
  const thresholds = readThresholds(options, problems)
  const request: PlanRequest = {
    models: wanted.models.map((model) => model.id),
    baseline,
    workloads: workloads.map((workload) => workload.id),
    workers: options.read(
      'workers',
      (text, option) => parseCount(text, option, 1, MAX_WORKERS),
      Math.max(2, serverCores(cores)),
    ),
    seed: options.read('seed', (text, option) => parseCount(text, option, 0, 0xffffffff), freshSeed()),
    metrics: readSwitch(options, 'metrics', problems),
    app,
    nodePath,
    timeoutS: options.read('timeout', parseDurationS, 5),
    cores,
    extent: readExtent(options),
  }
  problems.throwIfAny('USAGE')
  requireSomeModels(wanted, baseline)
  requireAssertable(thresholds.assertions, { models: wanted.names, workloads: request.workloads })
  const id = newRunId('compare')
  const plan = makePlan(request)
  return {
    manifest: {
      schema: 'forkwise/manifest@1',
      id,
      createdAt: new Date().toISOString(),
      forkwiseVersion: forkwiseVersion(),
      command: reproducingCommand(invocation.line, request.seed),
      machine: machineFacts(`v${environment.nodeVersion.join('.')}`),
      plan,
      workloads: workloads.map((workload) => ({
        ...workload,
        connections: workload.connections({ workers: plan.workers, cores }),
      })),
      models: wanted.models.map(({ id, title, tradeoff, routing, executor }) => ({
        id,
        title,
        tradeoff,
        routing,
        executor,
      })),
      unavailable: wanted.unavailable,
    },
    models: wanted.models,
    workloads,
    cores,
    dir: resolve(options.text('out') ?? newRunDir(id)),
    prometheus: options.flag('prometheus'),
    resumed: null,
    thresholds,
  }
}

/** A run to go on with: its plan decides, so no other option may be given. */
async function resumedComparison(invocation: Invocation): Promise<Comparison> {
  const others = Object.keys(invocation.values).filter((name) => name !== 'resume' && name !== 'json')
  if (others.length > 0) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`--resume\` alone, got it with ${others.map((name) => `\`--${name}\``).join(', ')}.`,
      hint: 'A resumed run goes on with its own plan.',
    })
  }
  const run = readRun(String(invocation.values['resume']))
  const { manifest } = run
  const here = machineFacts()
  if (here.id !== manifest.machine.id) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected the machine the run was begun on (${manifest.machine.cpu}, ${manifest.machine.cores} cores), got ${here.cpu}, ${here.cores} cores.`,
      hint: 'Trials of two machines cannot be compared. Start a new run here.',
    })
  }
  const models = await loadModels()
  requireKnown(
    'a model',
    manifest.plan.models,
    models.map((model) => model.id),
  )
  const known = [...(await loadWorkloads()), ...pathWorkloads(manifest)]
  requireKnown(
    'a workload',
    manifest.plan.workloads,
    known.map((workload) => workload.id),
  )
  return {
    manifest,
    models: models.filter((model) => manifest.plan.models.includes(model.id)),
    workloads: known.filter((workload) => manifest.plan.workloads.includes(workload.id)),
    cores: availableCores(),
    dir: run.dir,
    prometheus: false,
    resumed: run,
    thresholds: NO_THRESHOLDS,
  }
}

function pathWorkloads(manifest: Manifest): Workload[] {
  if (manifest.plan.app === null) return []
  return manifest.workloads.map((workload) => ({ ...workload, connections: () => workload.connections }))
}

interface WantedModels {
  /** Ids as asked for, available or not. */
  readonly names: readonly string[]
  readonly models: readonly ServerModel[]
  readonly unavailable: Manifest['unavailable']
}

async function chooseModels(
  options: OptionReader,
  all: readonly ServerModel[],
  problems: ProblemList,
  environment: NeedsEnvironment,
): Promise<WantedModels> {
  const ids = all.map((model) => model.id)
  const asked = options.list('models') ?? [...DEFAULT_MODELS]
  const names = asked.includes('all') ? ids : asked
  for (const name of names.filter((name) => !ids.includes(name))) {
    const problem = unknownName('a model', name, ids)
    problems.add(problem.message, problem.hint)
  }
  if (names.length === 0)
    problems.add('Expected `--models` to name at least one model, got none.', `Known: ${ids.join(', ')}.`)
  const chosen = all.filter((model) => names.includes(model.id))
  const judged = (await judgeModels(chosen, environment, options.text('app') !== undefined)).map(
    ({ model, needs }) => ({
      model,
      needs: model.incomparable === undefined ? needs : [...needs, model.incomparable],
    }),
  )
  return {
    names,
    models: judged.filter(({ needs }) => needs.length === 0).map(({ model }) => model),
    unavailable: judged
      .filter(({ needs }) => needs.length > 0)
      .map(({ model, needs }) => ({
        model: model.id,
        reason: needs.map((need) => need.what).join(' '),
        remedy: needs.map((need) => need.remedy).join(' '),
      })),
  }
}

function requireSomeModels(wanted: WantedModels, baseline: string): void {
  const missing = wanted.unavailable.filter((entry) => wanted.models.length === 0 || entry.model === baseline)
  if (missing.length === 0) return
  throw new ForkwiseError(
    'PART_MISSING',
    missing.map((entry) => ({ message: `${entry.model} cannot run here: ${entry.reason}`, hint: entry.remedy })),
  )
}

function chooseWorkloads(options: OptionReader, all: readonly Workload[], problems: ProblemList): readonly Workload[] {
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

function readApp(options: OptionReader, problems: ProblemList): string | null {
  const app = options.text('app')
  if (app === undefined) return null
  const path = resolve(app)
  if (!existsSync(path)) {
    problems.add(`Expected \`--app\` to be a file, got "${app}", which does not exist in ${dirname(path)}.`)
  }
  return path
}

function readSwitch(options: OptionReader, name: string, problems: ProblemList): boolean {
  const text = options.text(name) ?? 'on'
  if (text !== 'on' && text !== 'off') problems.add(`Expected \`--${name}\` to be on or off, got "${text}".`)
  return text !== 'off'
}

function readExtent(options: OptionReader): PlanRequest['extent'] {
  const budgetS = options.read('budget', parseDurationS, 300)
  const blocks = options.read('blocks', (text, option) => parseCount(text, option, 2, 200), LEAST_BLOCKS)
  if (options.flag('quick')) return { kind: 'quick' }
  return options.text('budget') === undefined ? { kind: 'blocks', blocks } : { kind: 'budget', budgetS }
}

/** Cores for the server: all, or three quarters where the generator gets its own. */
function serverCores(cores: number): number {
  return cores < 4 ? cores : cores - Math.floor(cores / 4)
}

function reproducingCommand(line: readonly string[], seed: number): string {
  const words =
    line.includes('--seed') || line.some((word) => word.startsWith('--seed='))
      ? line
      : [...line, '--seed', String(seed)]
  return ['npx', 'forkwise', ...words.filter((word) => word !== '--json').map(shellQuoted)].join(' ')
}

function shellQuoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
