import { serverCores } from '../../loadtest/placement.ts'
import { plan, type Plan } from '../../analysis/capacity/planning/plan.ts'
import {
  PLAN_EXAMPLE,
  readPlanRequest,
  type PlanOptions,
  type PlanRequest,
} from '../../analysis/capacity/planning/plan-request.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { resultJson } from '../../core/estimate.ts'
import { EXIT, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { unknownName } from '../../core/names.ts'
import { parseDurationS } from '../../core/quantities.ts'
import { CapacityFolder, readMeasurements } from '../../store/capacity-folder.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import {
  judgeChoices,
  MEASURING_OPTIONS,
  readChoices,
  requireRunnable,
  type RunnableChoices,
} from '../capacity/choices.ts'
import { canConfirm, confirm } from '../../experiments/capacity/confirmation.ts'
import { withMeasuring, type MeasuringRun } from '../../experiments/capacity/measuring-run.ts'
import { planText } from '../../report/capacity/plan-text.ts'
import { rateSlices } from '../../experiments/capacity/rate-slices.ts'
import { writeCapacityReports } from '../../report/capacity/folder.ts'
import type { Confirmation } from '../../store/capacity-findings.ts'
import type { Command, Invocation } from '../command.ts'
import { OptionReader } from '../options.ts'

/** Models that are measured when none are named and no results are given. */
const DEFAULT_MODELS = ['single', 'cluster', 'worker-pool'] as const

/** Rates at which latency is measured, as shares of the throughput at saturation. */
const LOADS = [0.3, 0.5, 0.7] as const

interface PlanTask {
  readonly request: PlanRequest
  readonly choices: RunnableChoices
  readonly from: readonly string[]
  readonly budgetS: number
  readonly confirms: boolean
}

/** `forkwise plan`: how many workers and machines a rate and an objective take. */
export const command: Command = {
  name: 'plan',
  summary: 'Say how many workers and machines a rate needs within an objective, and how sure that is.',
  positionals: '',
  arity: [0, 0],
  description:
    'Simulates each model with the service times that were measured, its routing and Poisson arrivals, and gives the ' +
    'fewest machines and workers whose upper 95 % bounds meet the objective at a load of at most 0.8: with what-ifs, ' +
    'losses, growth and cost. Measures first unless results are given (--from). Where the cores exist, a real run ' +
    'confirms it; beyond twice what was measured nothing is foretold.',
  options: [
    {
      name: 'rate',
      type: 'string',
      value: 'n',
      help: 'Requests per second to plan for, like 900 or 54000/min. Required.',
    },
    { name: 'slo', type: 'string', value: 'goals', help: "The objective, like 'p99<200ms,errors<0.1%'. Required." },
    {
      name: 'models',
      type: 'string',
      value: 'a,b',
      help: `Default: ${DEFAULT_MODELS.join(',')}, or all in the results.`,
    },
    {
      name: 'from',
      type: 'string',
      value: 'dir,…',
      help: 'Plan with the results of scale, capacity or plan instead of measuring.',
    },
    {
      name: 'cores',
      type: 'string',
      value: 'n',
      help: 'Cores of each machine. Default: those of the machine measured on.',
    },
    { name: 'growth', type: 'string', value: '30%/year', help: 'Also say what is needed later.' },
    { name: 'headroom', type: 'string', value: '20%', help: 'Plan for so much more than the rate.' },
    { name: 'price', type: 'string', value: 'price', help: "What a core costs, like '0.04 USD/core-hour'." },
    { name: 'budget', type: 'string', value: '90s', help: 'Time to measure each model. Default: 90s.' },
    { name: 'no-confirm', type: 'boolean', help: 'No real run of the answer.' },
    ...MEASURING_OPTIONS,
  ],
  examples: [
    { line: PLAN_EXAMPLE, meaning: 'Measure, plan, confirm.' },
    {
      line: "forkwise plan --from results/2026-11-20-101500-capacity --rate 400 --slo 'p99<100ms' --cores 8",
      meaning: 'Plan with what was measured before.',
    },
  ],
  json: true,
  async run(invocation) {
    const task = await readPlan(invocation)
    const { terminal, json } = invocation
    const { found, confirmations } =
      task.from.length > 0 ? await planFrom(task, invocation) : await measureAndPlan(task, invocation)
    terminal.result(
      json
        ? resultJson({ ...found, confirmations }, 2)
        : planText({ ...found, confirmations }, (kind, text) => terminal.style(kind, text)),
    )
    return found.models.some((model) => model.server !== null) ? EXIT.ok : EXIT.threshold
  },
}

interface Planned {
  readonly found: Plan
  readonly confirmations: readonly Confirmation[]
}

async function planFrom(task: PlanTask, invocation: Invocation): Promise<Planned> {
  const { request, choices, confirms } = task
  const measured = ofWorkload(readMeasurements(task.from), invocation.values['workload'])
  const wanted = choices.models.map((model) => model.id)
  const chosen = wanted.length === 0 ? measured : measured.filter(({ model }) => wanted.includes(model))
  const missing = wanted.filter((model) => !measured.some((measurement) => measurement.model === model))
  if (missing.length > 0) {
    throw new ForkwiseError(
      'RESULT_INVALID',
      missing.map((model) =>
        unknownName(
          'a measured model',
          model,
          measured.map((each) => each.model),
        ),
      ),
    )
  }
  const found = plan(request, chosen)
  const here = chosen.filter((measurement) => measurement.machine.id === machineFacts().id && choices.app === null)
  const confirmable = found.models.filter(
    (model) =>
      model.server !== null &&
      canConfirm(model.server, serverCores()) &&
      here.some((each) => each.model === model.model),
  )
  if (!confirms || confirmable.length === 0) {
    if (choices.out !== undefined) keepApart(choices.out, chosen, found)
    return { found, confirmations: [] }
  }
  const workloads = await loadWorkloads()
  const names = confirmable.map(({ model }) => model)
  const { models } = await readChoices(names, invocation, new ProblemList())
  const judged = (await judgeChoices({ ...choices, models })).judged.filter(({ needs }) => needs.length === 0)
  const confirmations = await withMeasuring('plan', { ...choices, models: [], judged }, invocation, async (run) => {
    const all: Confirmation[] = []
    for (const planned of confirmable) {
      const workload = workloads.find(({ id }) => id === planned.workload)
      const model = judged.find((each) => each.model.id === planned.model)?.model
      if (workload === undefined || model === undefined) continue
      // On another Node than it was measured on, a run would confirm nothing.
      const subject = run.subject(model, workload)
      if (
        !here.some(
          (each) => each.model === model.id && (each.node ?? each.machine.node) === (subject.node ?? each.machine.node),
        )
      )
        continue
      invocation.terminal.live(`confirming ${planned.model}`)
      const one = await confirm(subject, planned, found.plannedPerS, request.slo, choices.seed)
      if (one !== null) all.push(one)
    }
    keep(run, found, all)
    return all
  })
  return { found, confirmations }
}

/** Only the measurements of a workload, if one is asked for. */
function ofWorkload(measured: CapacityMeasurement[], workload: unknown): CapacityMeasurement[] {
  if (typeof workload !== 'string') return measured
  const found = measured.filter((each) => each.workload === workload)
  if (found.length > 0) return found
  const names = [...new Set(measured.map((each) => each.workload))]
  throw new ForkwiseError('RESULT_INVALID', [unknownName('a measured workload', workload, names)])
}

/** Keeps a plan that nothing was run for in a folder of its own, with what it was made from. */
function keepApart(out: string, measurements: readonly CapacityMeasurement[], found: Plan): void {
  const folder = CapacityFolder.create(out)
  for (const measurement of measurements) folder.keep(measurement)
  folder.write('plan.json', { ...found, confirmations: [] })
  writeCapacityReports(folder.dir)
}

function measureAndPlan(task: PlanTask, invocation: Invocation): Promise<Planned> {
  const { request, choices, confirms, budgetS } = task
  return withMeasuring('plan', choices, invocation, async (run) => {
    const cores = serverCores()
    const counts = [...new Set([1, 2, 3, 4, cores].filter((count) => count <= Math.max(2, cores)))]
    const subjects = choices.models.map((model) => run.subject(model))
    const measurements: CapacityMeasurement[] = []
    for (const subject of subjects) {
      const workers = subject.fixedSize ? [1] : counts
      const rateWorkers = subject.fixedSize ? [1] : [1, Math.max(2, cores)]
      const slices = rateSlices({ workers, rateWorkers, loads: LOADS, seed: choices.seed }, budgetS, choices.workload)
      measurements.push(...(await run.measure([subject], slices)))
    }
    const found = plan(request, measurements)
    const confirmations: Confirmation[] = []
    for (const planned of confirms ? found.models : []) {
      const subject = subjects.find((each) => each.model === planned.model)
      if (subject === undefined || planned.server === null || !canConfirm(planned.server, cores)) continue
      invocation.terminal.live(`confirming ${planned.model}`)
      const one = await confirm(subject, planned, found.plannedPerS, request.slo, choices.seed)
      if (one !== null) confirmations.push(one)
    }
    keep(run, found, confirmations)
    return { found, confirmations }
  })
}

function keep(run: MeasuringRun, found: Plan, confirmations: readonly Confirmation[]): void {
  run.folder.write('plan.json', { ...found, confirmations })
}

async function readPlan(invocation: Invocation): Promise<PlanTask> {
  const problems = new ProblemList()
  const options = new OptionReader(invocation.values, problems)
  const from = options.list('from') ?? []
  const names = options.list('models') ?? (from.length > 0 ? [] : [...DEFAULT_MODELS])
  const read = await readChoices(names, invocation, problems)
  const budgetS = options.read('budget', parseDurationS, 90)
  if (from.length > 0) options.atMostOne(['from', 'budget'])
  const texts = ['rate', 'slo', 'cores', 'growth', 'headroom', 'price'].map((name) => [name, options.text(name)])
  const request = readPlanRequest(Object.fromEntries(texts) as PlanOptions, problems)
  problems.throwIfAny('USAGE')
  const choices = from.length === 0 ? await requireRunnable(read) : { ...read, judged: [] }
  return { request, choices, from, budgetS, confirms: !options.flag('no-confirm') }
}
