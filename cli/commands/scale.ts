import { serverCores } from '../../loadtest/placement.ts'
import { scalingOf } from '../../analysis/capacity/scaling/scaling.ts'
import { resultJson } from '../../core/estimate.ts'
import { EXIT, ForkwiseError, ProblemList } from '../../core/errors.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import type { MeasuringPlan } from '../../experiments/capacity/measuring.ts'
import { bareRate } from '../../loadtest/bare-rate.ts'
import {
  MEASURING_OPTIONS,
  parseCounts,
  readChoices,
  requireRunnable,
  type Choices,
  type RunnableChoices,
} from '../capacity/choices.ts'
import { expectedS, withMeasuring } from '../../experiments/capacity/measuring-run.ts'
import { scaleText } from '../../report/capacity/scale-text.ts'
import type { ScaleResult } from '../../store/capacity-findings.ts'
import type { Command, Invocation } from '../command.ts'
import { OptionReader } from '../options.ts'

/** Blocks when nothing is said. */
const BLOCKS = 5

/** Share of the expected time that may be spent waiting until other programs are quiet. */
const PATIENCE = 0.2

/** `forkwise scale`: throughput against the number of workers. */
export const command: Command = {
  name: 'scale',
  summary: 'Show how throughput grows with the number of workers, and where it ends.',
  positionals: 'MODEL…',
  arity: [1, 30],
  description:
    'Launches each model with one worker count after another, in randomised blocks, and measures throughput, CPU per ' +
    'request and latency at saturation. Fits the Universal Scalability Law with intervals for contention, coherency ' +
    'and the peak, says which worker count suffices and what limits it. What is measured can be planned with.',
  options: [
    {
      name: 'workers',
      type: 'string',
      value: '1..4',
      help: 'Worker counts: 1..8 or 1,2,4. Default: 1 to twice the cores.',
    },
    {
      name: 'blocks',
      type: 'string',
      value: 'n',
      help: `Blocks to measure; each launches every count once. Default: ${BLOCKS}.`,
    },
    { name: 'budget', type: 'string', value: '5m', help: 'As many blocks as fit into this time.' },
    ...MEASURING_OPTIONS,
  ],
  examples: [
    { line: 'forkwise scale cluster', meaning: 'From one worker to twice the cores.' },
    {
      line: 'forkwise scale single cluster worker-pool --workers 1..20 --budget 15m',
      meaning: 'The whole picture on a large machine.',
    },
  ],
  json: true,
  async run(invocation) {
    const { choices, plan } = await readScale(invocation)
    const { terminal, json } = invocation
    const result = await withMeasuring('scale', choices, invocation, async (run) => {
      const { id, folder, machine } = run
      const barePerS = choices.app === null ? await bareRate(choices.workload) : null
      const subjects = choices.models.map((model) => run.subject(model))
      const measurements = await run.measure(subjects, plan)
      const models = measurements.map((measurement) => scalingOf(measurement, barePerS))
      const found: ScaleResult = { schema: 'forkwise/scale@1', id, machine, seed: choices.seed, barePerS, models }
      folder.write('scale.json', found)
      return found
    })
    terminal.result(json ? resultJson(result, 2) : scaleText(result.models, (kind, text) => terminal.style(kind, text)))
    return EXIT.ok
  },
}

async function readScale(invocation: Invocation): Promise<{ choices: RunnableChoices; plan: MeasuringPlan }> {
  const problems = new ProblemList()
  const options = new OptionReader(invocation.values, problems)
  const read = await readChoices(invocation.positionals, invocation, problems)
  const counts = Array.from({ length: 2 * serverCores() }, (_, i) => i + 1)
  const workers = options.read('workers', parseCounts, counts)
  const blocks = options.read('blocks', (text, option) => parseCount(text, option, 1, 100), BLOCKS)
  const budgetS = options.read('budget', parseDurationS, 0)
  options.atMostOne(['blocks', 'budget'])
  problems.throwIfAny('USAGE')
  const choices = await requireRunnable(read)
  const plan: MeasuringPlan = {
    workers,
    rateWorkers: [],
    loads: [],
    blocks,
    saturationS: 1.5,
    loneS: 0.8,
    rateS: 0,
    seed: choices.seed,
    patienceS: 0,
  }
  const wanted = budgetS === 0 ? plan : { ...plan, blocks: affordableBlocks(choices, plan, budgetS) }
  return {
    choices,
    plan: { ...wanted, patienceS: PATIENCE * expectedS(sizesOf(choices), wanted, choices.workload) },
  }
}

function affordableBlocks(choices: Choices, plan: MeasuringPlan, budgetS: number): number {
  const blockS = expectedS(sizesOf(choices), { ...plan, blocks: 1 }, choices.workload)
  const blocks = Math.floor(budgetS / blockS)
  if (blocks >= 1) return blocks
  throw new ForkwiseError('USAGE', {
    message: `Expected \`--budget\` to be at least ${Math.ceil(blockS)}s for ${plan.workers.length} worker counts, got ${Math.round(budgetS)}s.`,
    hint: 'Give more time, or measure fewer worker counts (`--workers 1,2,4`).',
  })
}

function sizesOf({ models }: Choices): { fixedSize: boolean }[] {
  return models.map((model) => ({ fixedSize: model.fixedSize === true }))
}
