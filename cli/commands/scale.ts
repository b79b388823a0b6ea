import { serverCores } from '../../loadtest/placement.ts'
import { EXIT, ProblemList } from '../../core/errors.ts'
import { resultJson } from '../../core/estimate.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { prepareScale, runScale, type ScaleRequest } from '../../experiments/capacity/scale.ts'
import { scaleText } from '../../report/capacity/scale-text.ts'
import { MEASURING_OPTIONS, parseCounts, readMeasuring } from '../capacity/measuring-options.ts'
import { narrateAndReport } from '../capacity/narrated-run.ts'
import type { Command, Invocation } from '../command.ts'
import { OptionReader } from '../options.ts'

/** Blocks when nothing is said. */
const BLOCKS = 5

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
    const { terminal, json, signal } = invocation
    const problems = new ProblemList()
    const request = await readScale(invocation, problems)
    problems.throwIfAny('USAGE')
    const result = await narrateAndReport(runScale(await prepareScale(request), signal), terminal)
    terminal.result(json ? resultJson(result, 2) : scaleText(result.models, (kind, text) => terminal.style(kind, text)))
    return EXIT.ok
  },
}

async function readScale({ positionals, values }: Invocation, problems: ProblemList): Promise<ScaleRequest> {
  const options = new OptionReader(values, problems)
  const measuring = await readMeasuring(positionals, options, problems)
  const counts = Array.from({ length: 2 * serverCores() }, (_, i) => i + 1)
  const workers = options.read('workers', parseCounts, counts)
  const blocks = options.read('blocks', (text, option) => parseCount(text, option, 1, 100), BLOCKS)
  const budgetS = options.read('budget', parseDurationS, null)
  options.atMostOne(['blocks', 'budget'])
  return { ...measuring, workers, extent: budgetS === null ? { blocks } : { budgetS } }
}
