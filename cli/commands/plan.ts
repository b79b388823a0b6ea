import { PLAN_EXAMPLE, type PlanOptions, readPlanRequest } from '../../analysis/capacity/planning/plan-request.ts'
import { EXIT, ProblemList } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { parseDurationS } from '../../core/quantities.ts'
import {
  type MeasuredPlanRequest,
  prepareMeasuredPlan,
  prepareRecordedPlan,
  type RecordedPlanRequest,
  runServerPlan,
} from '../../experiments/capacity/plan-servers.ts'
import { planText } from '../../report/capacity/plan-text.ts'
import { MEASURING_OPTIONS, readLaunching, readMeasuring } from '../capacity/measuring-options.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command, Invocation } from '../command.ts'
import { OptionReader } from '../options.ts'

/** Models that are measured when none are named and no results are given. */
const DEFAULT_MODELS = ['single', 'cluster', 'worker-pool'] as const

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
    const { terminal, json, signal } = invocation
    const problems = new ProblemList()
    const request = await readPlan(invocation, problems)
    problems.throwIfAny('USAGE')
    const prepared = await ('from' in request ? prepareRecordedPlan(request) : prepareMeasuredPlan(request))
    const result = await narrateAndReport(runServerPlan(prepared, signal), terminal)
    terminal.result(json ? resultJson(result, 2) : planText(result, (kind, text) => terminal.style(kind, text)))
    return result.models.some((model) => model.server !== null) ? EXIT.ok : EXIT.threshold
  },
}

async function readPlan(
  { values }: Invocation,
  problems: ProblemList,
): Promise<MeasuredPlanRequest | RecordedPlanRequest> {
  const options = new OptionReader(values, problems)
  const texts = ['rate', 'slo', 'cores', 'growth', 'headroom', 'price'].map((name) => [name, options.text(name)])
  const request = readPlanRequest(Object.fromEntries(texts) as PlanOptions, problems)
  const confirms = !options.flag('no-confirm')
  const budgetS = options.read('budget', parseDurationS, 90)
  const from = options.list('from') ?? []
  const names = options.list('models')
  if (from.length === 0) {
    const measuring = await readMeasuring(names ?? DEFAULT_MODELS, options, problems)
    return { ...measuring, request, confirms, budgetS }
  }
  options.atMostOne(['from', 'budget'])
  const workload = options.text('workload') ?? null
  return { ...readLaunching(options, problems), request, confirms, from, models: names ?? [], workload }
}
