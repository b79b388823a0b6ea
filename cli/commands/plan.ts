import { PLAN_EXAMPLE } from '../../analysis/capacity/planning/plan-request.ts'
import { EXIT } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { readPlan } from '../../experiments/capacity/read-requests.ts'
import { PLAN } from '../../experiments/options/sets/measuring.ts'
import { prepareMeasuredPlan, prepareRecordedPlan, runServerPlan } from '../../experiments/capacity/plan-servers.ts'
import { planText } from '../../report/capacity/plan-text.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command } from '../command.ts'
import { CONFIG_OPTION } from '../config/given-options.ts'
import { LIVE_OPTIONS } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'
import { giveOrResume, RESUME_OPTION } from '../resume.ts'

/** `forkwise plan`: how many workers and machines a rate and an objective take. */
export const command: Command = {
  name: 'plan',
  summary: 'Say how many workers and machines a rate needs within an objective, and how sure that is.',
  positionals: '',
  arity: [0, 0],
  description:
    'Simulates each model with the measured service times, its routing and Poisson arrivals, and gives the ' +
    'fewest machines and workers whose upper 95 % bounds meet the objective at a load of at most 0.8, with what-ifs, ' +
    'losses, growth and cost. Measures first unless results are given (--from). Where the cores exist, a real run ' +
    'confirms the plan; nothing is predicted beyond twice the measured range.',
  options: [...lineOptions(PLAN), CONFIG_OPTION, RESUME_OPTION, ...LIVE_OPTIONS],
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
    const { given, problems, resumed } = await giveOrResume('plan', PLAN, invocation)
    const request = await readPlan(given, problems, resumed)
    problems.throwIfAny('USAGE')
    const prepared = await ('from' in request ? prepareRecordedPlan(request) : prepareMeasuredPlan(request))
    const result = await narrateAndReport(() => runServerPlan(prepared, signal), invocation)
    terminal.result(json ? resultJson(result, 2) : planText(result, (kind, text) => terminal.style(kind, text)))
    return result.models.some((model) => model.server !== null) ? EXIT.ok : EXIT.threshold
  },
}
