import { EXIT } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { readValidation } from '../../experiments/capacity/read-requests.ts'
import { VALIDATE_PLAN } from '../../experiments/options/sets/measuring.ts'
import {
  prepareMeasuredValidation,
  prepareRecordedValidation,
  runValidation,
} from '../../experiments/capacity/validate.ts'
import { validationText } from '../../report/capacity/validation-text.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command } from '../command.ts'
import { CONFIG_OPTION } from '../config/given-options.ts'
import { LIVE_OPTIONS } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'
import { giveOrResume, RESUME_OPTION } from '../resume.ts'

/** `forkwise validate-plan`: predictions against held-out measurements. */
export const command: Command = {
  name: 'validate-plan',
  summary: 'Validate the planner on held-out measurements: predict what was not measured, then measure it.',
  positionals: '[MODEL…]',
  arity: [0, 30],
  description:
    'Can plans be trusted on this machine? This measures a model (cluster unless named) with 1 and 2 workers at several rates, ' +
    'shows the planner one half of the measurements, has it predict the other half, and prints predictions next to ' +
    'measurements. Goals: the highest rate within 10 %, p99 within 20 % up to a load of 80 %. Part of each error is ' +
    'chance; that part is printed too. Then it asks the planner for worker counts of virtual servers. Their workers wait instead of computing, so ' +
    'eight of them run on two cores. It tries out how many are really needed. Goals: the right number or one more in nine of ten cases, too few in at most one of twenty. ' +
    'You need this only when you doubt a plan, or after a change to Forkwise itself. Exits with 5 when a goal is missed or left open.',
  options: [...lineOptions(VALIDATE_PLAN), CONFIG_OPTION, RESUME_OPTION, ...LIVE_OPTIONS],
  examples: [
    { line: 'forkwise validate-plan', meaning: 'The whole check, about 40 minutes.' },
    { line: 'forkwise validate-plan cluster --cases 0 --budget 10m', meaning: 'Held-out rates of one model only.' },
    { line: 'forkwise validate-plan --from results/ONE,results/TWO', meaning: 'With two runs of `capacity`, no load.' },
  ],
  json: true,
  async run(invocation) {
    const { terminal, json, signal } = invocation
    const { given, problems, resumed } = await giveOrResume('validate-plan', VALIDATE_PLAN, invocation)
    const request = await readValidation(given, problems, resumed)
    problems.throwIfAny('USAGE')
    const prepared = 'from' in request ? prepareRecordedValidation(request) : await prepareMeasuredValidation(request)
    const result = await narrateAndReport(() => runValidation(prepared, signal), invocation)
    terminal.result(json ? resultJson(result, 2) : validationText(result, (kind, text) => terminal.style(kind, text)))
    return result.passed ? EXIT.ok : EXIT.threshold
  },
}
