import { freshSeed } from '../../core/seed.ts'
import { availableCores } from '../../core/cores.ts'
import { loadModels } from '../../cluster/models.ts'
import { EXIT, ProblemList } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import { parseCount } from '../../core/quantities.ts'
import { runFairness } from '../../experiments/fairness/fairness.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import { fairnessText } from '../../report/fairness-text.ts'
import type { Command } from '../command.ts'
import { narrate } from '../narration.ts'
import { OptionReader } from '../options.ts'

const DEFAULT_CONNECTIONS = [2, 4, 8, 16, 32, 64, 128]

/** `forkwise fairness`: how evenly a model's routing spreads connections and requests. */
export const command: Command = {
  name: 'fairness',
  summary: 'Show how evenly a model spreads connections and requests over its workers.',
  positionals: 'MODEL…',
  arity: [1, 30],
  description:
    'Loads each model with one number of connections after another, over several launches, and counts what each worker ' +
    'got. Routing hands out connections, not requests, so a few connections are a lottery: the table shows from how ' +
    'many on it evens out.',
  options: [
    { name: 'connections', type: 'string', value: '4,8,…', help: `Default: ${DEFAULT_CONNECTIONS.join(',')}.` },
    { name: 'workers', type: 'string', value: 'n', help: 'Workers. Default: 4, whatever the cores.' },
    { name: 'launches', type: 'string', value: 'n', help: 'Launches of each model. Default: 3.' },
    { name: 'workload', type: 'string', value: 'name', help: 'Default: io.' },
  ],
  examples: [
    { line: 'forkwise fairness cluster cluster-shared pm2-fork', meaning: 'Three ways to route, side by side.' },
  ],
  json: true,
  async run({ positionals, values, json, signal, terminal }) {
    const problems = new ProblemList()
    const options = new OptionReader(values, problems)
    const all = await loadModels()
    const ids = all.map((model) => model.id)
    requireKnown('a model', positionals, ids)
    const workers = options.read('workers', (text, option) => parseCount(text, option, 1, 64), 4)
    const launches = options.read('launches', (text, option) => parseCount(text, option, 1, 50), 3)
    const connections = options.read(
      'connections',
      (text, option) => text.split(',').map((word) => parseCount(word, option, 1, 10_000)),
      DEFAULT_CONNECTIONS,
    )
    problems.throwIfAny('USAGE')
    const workload = await findWorkload(options.text('workload') ?? 'io')
    const models = all.filter((model) => positionals.includes(model.id))
    const prepared = { models, workload, workers, connections, launches, seed: freshSeed() }
    const { rows, records } = await narrate(runFairness(prepared, signal), terminal)
    terminal.result(
      json
        ? JSON.stringify({ schema: 'forkwise/fairness@1', cores: availableCores(), workers, rows, records }, null, 2)
        : fairnessText(rows, (kind, text) => terminal.style(kind, text)),
    )
    return EXIT.ok
  },
}
