import { otherNodesSentence } from '../../analysis/node-versions.ts'
import type { ValidationRow } from '../../analysis/capacity/planning/validation.ts'
import { countsPass } from '../../analysis/capacity/planning/validation.ts'
import { resultJson } from '../../core/estimate.ts'
import { EXIT, ProblemList } from '../../core/errors.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { readMeasurements } from '../../store/capacity-folder.ts'
import { MEASURING_OPTIONS, readChoices, requireRunnable, type RunnableChoices } from '../capacity/choices.ts'
import {
  readSearchedRates,
  validateMeasured,
  validateSubject,
  type HeldOutValidation,
} from '../../experiments/capacity/held-out-validation.ts'
import { withMeasuring } from '../../experiments/capacity/measuring-run.ts'
import { validationText } from '../../report/capacity/validation-text.ts'
import type { ValidationResult } from '../../store/capacity-findings.ts'
import { validateCounts } from '../../experiments/capacity/virtual-validation.ts'
import type { Command, Invocation } from '../command.ts'
import { recordedModel } from '../../experiments/recorded-model.ts'
import { OptionReader } from '../options.ts'

/** Cases that are planned and tried out when nothing is said. */
const CASES = 20

/** Seconds for each model when nothing is said. */
const BUDGET_S = 1200

interface ValidationTask {
  readonly choices: RunnableChoices
  readonly from: readonly string[]
  readonly budgetS: number
  readonly cases: number
}

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
    const task = await readTask(invocation)
    const { terminal, json } = invocation
    const result = task.from.length > 0 ? validateFrom(task) : await measureAndValidate(task, invocation)
    terminal.result(json ? resultJson(result, 2) : validationText(result, (kind, text) => terminal.style(kind, text)))
    return result.passed ? EXIT.ok : EXIT.threshold
  },
}

/** Holds measurements that exist against each other. */
function validateFrom({ from, choices }: ValidationTask): ValidationResult {
  const searched = readSearchedRates(from)
  const validated = readMeasurements(from).map((measurement) => validateMeasured(measurement, searched))
  return resultOf(from.join(','), choices.seed, validated, [])
}

function measureAndValidate(task: ValidationTask, invocation: Invocation): Promise<ValidationResult> {
  const { choices, cases, budgetS } = task
  const { seed } = choices
  return withMeasuring('validate-plan', choices, invocation, async (run) => {
    const validated: HeldOutValidation[] = []
    for (const model of choices.models) {
      const subject = run.subject(model)
      validated.push(await validateSubject(subject, { budgetS, seed }, run, invocation.terminal))
    }
    const counts = cases === 0 ? [] : await validateCounts(run, { cases, seed }, invocation.terminal)
    const nodes = otherNodesSentence(
      choices.judged.map((one) => recordedModel(one)),
      run.machine.node,
    )
    const found = resultOf(run.id, seed, validated, counts, nodes === null ? [] : [nodes])
    run.folder.write('validation.json', found)
    return found
  })
}

function resultOf(
  id: string,
  seed: number,
  validated: readonly HeldOutValidation[],
  counts: ValidationResult['counts'],
  remarks: readonly string[] = [],
): ValidationResult {
  const rows: ValidationRow[] = validated.flatMap((each) => each.rows)
  const notes = [...validated.flatMap((each) => each.notes), ...remarks]
  if (rows.length === 0 && validated.length > 0)
    notes.push('Nothing that was measured could be held against a prediction.')
  const missed = rows.some((row) => !row.passed) || (counts.length > 0 && !countsPass(counts))
  const complete = validated.every((each) => each.complete && each.rows.length > 0)
  return { schema: 'forkwise/validation@1', id, seed, rows, counts, passed: !missed && complete, complete, notes }
}

async function readTask(invocation: Invocation): Promise<ValidationTask> {
  const problems = new ProblemList()
  const options = new OptionReader(invocation.values, problems)
  const names = invocation.positionals.length > 0 ? invocation.positionals : ['cluster']
  const read = await readChoices(names, invocation, problems)
  const from = options.list('from') ?? []
  options.atMostOne(['from', 'budget'])
  options.atMostOne(['from', 'cases'])
  options.atMostOne(['from', 'out'])
  const budgetS = options.read('budget', parseDurationS, BUDGET_S)
  const cases = options.read('cases', (text, option) => parseCount(text, option, 0, 200), CASES)
  problems.throwIfAny('USAGE')
  const choices = from.length === 0 ? await requireRunnable(read) : { ...read, judged: [] }
  return { choices, from, budgetS, cases }
}
