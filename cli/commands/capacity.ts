import { serverCores } from '../../loadtest/placement.ts'
import {
  modelCapacity,
  type CapacityResult,
  type ModelCapacity,
} from '../../analysis/capacity/objective/capacity-result.ts'
import { rateTable } from '../../analysis/capacity/objective/rate-table.ts'
import { parseSlo, type Slo } from '../../analysis/capacity/objective/slo.ts'
import { resultJson } from '../../core/estimate.ts'
import { EXIT, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { MEASURING_OPTIONS, readChoices, requireRunnable, type RunnableChoices } from '../capacity/choices.ts'
import { capacityText } from '../../report/capacity/capacity-text.ts'
import { withMeasuring } from '../../experiments/capacity/measuring-run.ts'
import { rangeOf, searchRate } from '../../experiments/capacity/rate-search.ts'
import { rateSlices } from '../../experiments/capacity/rate-slices.ts'
import type { Command, Invocation } from '../command.ts'
import { OptionReader } from '../options.ts'

/** Rates at which latency is measured, as shares of the throughput at saturation. */
const LOADS = [0.3, 0.5, 0.7, 0.8] as const

/** Share of the budget of each model that goes into the search; the rest into the table of rates. */
const SEARCH_SHARE = 0.6

/** The same of a budget below this many seconds, which could not have the table otherwise. */
const SHORT = { budgetS: 60, searchShare: 0.5 } as const

interface CapacityRequest {
  readonly choices: RunnableChoices
  readonly slo: Slo
  readonly workers: number
  /** Seconds for each model. */
  readonly budgetS: number
  readonly width: number
}

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
    const request = await readCapacity(invocation)
    const { choices, slo } = request
    const { terminal, json } = invocation
    const result = await withMeasuring('capacity', choices, invocation, async (run) => {
      const models: ModelCapacity[] = []
      for (const model of choices.models) {
        const subject = run.subject(model)
        const workers = subject.fixedSize ? 1 : request.workers
        const measureS = (1 - searchShare(request.budgetS)) * request.budgetS
        const plan = rateSlices(
          { workers: [workers], rateWorkers: [workers], loads: LOADS, seed: choices.seed },
          measureS,
          choices.workload,
        )
        const [measurement] = await run.measure([subject], plan)
        if (measurement === undefined) continue
        const saturationPerS = Math.max(...measurement.saturations.map(({ throughputPerS }) => throughputPerS))
        const range = rangeOf(saturationPerS, rateTable(measurement, slo))
        const searchS = searchShare(request.budgetS) * request.budgetS
        const search = await searchRate(
          subject,
          { slo, workers, ...range, budgetS: searchS, width: request.width, seed: choices.seed },
          run,
          terminal,
        )
        const searched = { ...measurement, rates: [...measurement.rates, ...search.measured] }
        run.folder.keep(searched)
        models.push(modelCapacity(searched, workers, slo, search.result, searchS))
      }
      const found: CapacityResult = {
        schema: 'forkwise/capacity@1',
        id: run.id,
        machine: run.machine,
        seed: choices.seed,
        slo,
        models,
      }
      run.folder.write('capacity.json', found)
      return found
    })
    terminal.result(json ? resultJson(result, 2) : capacityText(result, (kind, text) => terminal.style(kind, text)))
    return result.models.every(({ search }) => search.passedPerS !== null) ? EXIT.ok : EXIT.threshold
  },
}

async function readCapacity(invocation: Invocation): Promise<CapacityRequest> {
  const problems = new ProblemList()
  const options = new OptionReader(invocation.values, problems)
  const read = await readChoices(invocation.positionals, invocation, problems)
  const text = options.text('slo')
  if (text === undefined) {
    problems.add('Expected `--slo`, the objective to meet, got none.', "For example: --slo 'p99<200ms,errors<0.1%'")
  }
  const slo = options.read('slo', parseSlo, { text: '', latency: [], errorRatio: null })
  const workers = options.read('workers', (value, option) => parseCount(value, option, 1, 128), serverCores())
  const budgetS = options.read('budget', parseDurationS, 120)
  const width = options.read('width', parseWidth, 0.05)
  problems.throwIfAny('USAGE')
  return { choices: await requireRunnable(read), slo, workers, budgetS, width }
}

function parseWidth(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  const width = match === null ? Number.NaN : Number(match[1]) / 100
  if (width >= 0.005 && width <= 0.5) return width
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${option}\` to be a percentage from 0.5% to 50%, got "${text}".`,
  })
}

function searchShare(budgetS: number): number {
  return budgetS < SHORT.budgetS ? SHORT.searchShare : SEARCH_SHARE
}
