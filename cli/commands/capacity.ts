import { serverCores } from '../../loadtest/placement.ts'
import { parseSlo } from '../../analysis/capacity/objective/slo.ts'
import { EXIT, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { type HighestRateRequest, prepareHighestRate, runHighestRate } from '../../experiments/capacity/highest-rate.ts'
import { capacityText } from '../../report/capacity/capacity-text.ts'
import { MEASURING_OPTIONS, readMeasuring } from '../capacity/measuring-options.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command, Invocation } from '../command.ts'
import { OptionReader } from '../options.ts'

/** `forkwise capacity`: the highest rate within an objective. */
export const command: Command = {
  name: 'capacity',
  summary: 'Find the highest rate at which a model meets an objective, and what bounds it.',
  positionals: 'MODEL…',
  arity: [1, 30],
  description:
    'Measures latency against rate in open loops, and searches the highest rate that meets the objective: short trials ' +
    'show where to look, then both bounds are confirmed by at least three trials each. Ends within the budget. What is ' +
    'measured can be planned with: forkwise plan --from DIR.',
  options: [
    { name: 'slo', type: 'string', value: 'goals', help: "The objective, like 'p99<200ms,errors<0.1%'. Required." },
    { name: 'workers', type: 'string', value: 'n', help: 'Workers. Default: one per core for the server.' },
    { name: 'budget', type: 'string', value: '2m', help: 'Time for each model. Default: 2m.' },
    { name: 'width', type: 'string', value: '5%', help: 'How close the two bounds must come. Default: 5%.' },
    ...MEASURING_OPTIONS,
  ],
  examples: [
    { line: "forkwise capacity cluster --slo 'p99<50ms'", meaning: 'How much can four cores do within 50 ms?' },
    {
      line: "forkwise capacity single cluster --slo 'p99<200ms,errors<0.1%' --workload mixed --budget 5m",
      meaning: 'Two models, a mixed workload.',
    },
  ],
  json: true,
  async run(invocation) {
    const { terminal, json, signal } = invocation
    const problems = new ProblemList()
    const request = await readHighestRate(invocation, problems)
    problems.throwIfAny('USAGE')
    const result = await narrateAndReport(runHighestRate(await prepareHighestRate(request), signal), terminal)
    terminal.result(json ? resultJson(result, 2) : capacityText(result, (kind, text) => terminal.style(kind, text)))
    return result.models.every(({ search }) => search.passedPerS !== null) ? EXIT.ok : EXIT.threshold
  },
}

async function readHighestRate(
  { positionals, values }: Invocation,
  problems: ProblemList,
): Promise<HighestRateRequest> {
  const options = new OptionReader(values, problems)
  const measuring = await readMeasuring(positionals, options, problems)
  if (options.text('slo') === undefined) {
    problems.add('Expected `--slo`, the objective to meet, got none.', "For example: --slo 'p99<200ms,errors<0.1%'")
  }
  return {
    ...measuring,
    slo: options.read('slo', parseSlo, { text: '', latency: [], errorRatio: null }),
    workers: options.read('workers', (value, option) => parseCount(value, option, 1, 128), serverCores()),
    budgetS: options.read('budget', parseDurationS, 120),
    width: options.read('width', parseWidth, 0.05),
  }
}

function parseWidth(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  const width = match === null ? Number.NaN : Number(match[1]) / 100
  if (width >= 0.005 && width <= 0.5) return width
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${option}\` to be a percentage from 0.5% to 50%, got "${text}".`,
  })
}
