import { EXIT, ProblemList } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import {
  type MeasuredValidationRequest,
  prepareMeasuredValidation,
  prepareRecordedValidation,
  type RecordedValidationRequest,
  runValidation,
} from '../../experiments/capacity/validate.ts'
import { validationText } from '../../report/capacity/validation-text.ts'
import { MEASURING_OPTIONS, readMeasuring } from '../capacity/measuring-options.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command, Invocation } from '../command.ts'
import { OptionReader } from '../options.ts'

/** Cases that are planned and tried out when nothing is said. */
const CASES = 20

/** Seconds for each model when nothing is said. */
const BUDGET_S = 1200

/** `forkwise validate-plan`: predictions against held-out measurements. */
export const command: Command = {
  name: 'validate-plan',
  summary: 'Hold the planner against reality: predict what was not measured, then measure it.',
  positionals: '[MODEL…]',
  arity: [0, 30],
  description:
    'Measures a model (cluster unless named) with 1 and 2 workers at several rates, predicts half of it from the ' +
    'other half for the arrivals that were sent and a machine as fast as it was then (known by the CPU of a request), and ' +
    'prints predicted, measured, error and what of it is chance: the highest rate within 10 %, p99 at a load of at most ' +
    '0.8 within 20 %. Then plans worker counts for virtual servers, whose workers are timers so that eight fit on two ' +
    'cores, and tries out how many are needed: exact or one more in nine of ten, too few in at most one of twenty. ' +
    'Exits with 5 when a goal is missed or left open.',
  options: [
    { name: 'budget', type: 'string', value: '20m', help: `Time for each model. Default: ${BUDGET_S / 60}m.` },
    {
      name: 'cases',
      type: 'string',
      value: 'n',
      help: `Worker counts to plan and try out; 0 = none. Default: ${CASES}.`,
    },
    {
      name: 'from',
      type: 'string',
      value: 'dir,…',
      help: 'Validate with results of `capacity` (one worker, more workers) instead of measuring.',
    },
    ...MEASURING_OPTIONS,
  ],
  examples: [
    { line: 'forkwise validate-plan', meaning: 'The whole check, about 40 minutes.' },
    { line: 'forkwise validate-plan cluster --cases 0 --budget 10m', meaning: 'Held-out rates of one model only.' },
    { line: 'forkwise validate-plan --from results/ONE,results/TWO', meaning: 'With two runs of `capacity`, no load.' },
  ],
  json: true,
  async run(invocation) {
    const { terminal, json, signal } = invocation
    const problems = new ProblemList()
    const request = await readValidation(invocation, problems)
    problems.throwIfAny('USAGE')
    const prepared = 'from' in request ? prepareRecordedValidation(request) : await prepareMeasuredValidation(request)
    const result = await narrateAndReport(runValidation(prepared, signal), terminal)
    terminal.result(json ? resultJson(result, 2) : validationText(result, (kind, text) => terminal.style(kind, text)))
    return result.passed ? EXIT.ok : EXIT.threshold
  },
}

async function readValidation(
  { positionals, values }: Invocation,
  problems: ProblemList,
): Promise<MeasuredValidationRequest | RecordedValidationRequest> {
  const options = new OptionReader(values, problems)
  const measuring = await readMeasuring(positionals.length > 0 ? positionals : ['cluster'], options, problems)
  const from = options.list('from') ?? []
  options.atMostOne(['from', 'budget'])
  options.atMostOne(['from', 'cases'])
  options.atMostOne(['from', 'out'])
  const budgetS = options.read('budget', parseDurationS, BUDGET_S)
  const cases = options.read('cases', (text, option) => parseCount(text, option, 0, 200), CASES)
  return from.length > 0 ? { from, seed: measuring.seed } : { ...measuring, budgetS, cases }
}
