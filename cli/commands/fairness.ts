import { freshSeed } from '../../core/seed.ts'
import { availableCores } from '../../core/cores.ts'
import { fairnessOf, sharesOf } from '../../analysis/comparison/fairness.ts'
import { loadModels } from '../../cluster/models.ts'
import { EXIT, ProblemList } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import { parseCount, significant } from '../../core/quantities.ts'
import { type SpreadRecord, sweepFairness } from '../../experiments/fairness/sweep.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import type { Command, Terminal } from '../command.ts'
import { OptionReader } from '../options.ts'
import { trialSettings, withWorld } from '../../experiments/world.ts'

const DEFAULT_CONNECTIONS = [2, 4, 8, 16, 32, 64, 128]

/** One row of the result: all launches of a model with one number of connections. */
interface Row {
  readonly model: string
  readonly connections: number
  /** Of requests; one value a launch. */
  readonly jain: readonly number[]
  /** Most workers without any request in a launch. */
  readonly idleWorkers: number
  /** Requests of the busiest worker over the mean, worst launch. */
  readonly busiestOverMean: number
  /** Connections accepted by each worker, one list a launch, largest first. */
  readonly accepted: readonly (readonly number[])[]
}

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
    const sweep = { connections, launches, sliceS: 0.5, seed: freshSeed() }
    const records: SpreadRecord[] = []
    const settings = trialSettings({ workers, seed: sweep.seed })
    await withWorld(settings, { signal, emit: () => undefined }, async (context) => {
      for (const model of models) {
        await sweepFairness(model, workload, sweep, context, (record) => {
          records.push(record)
          terminal.live(`${model.id}, launch ${record.launch} of ${launches}, ${record.connections} connections`)
        })
      }
    })
    terminal.live('')
    const rows = models.flatMap((model) => connections.map((count) => rowOf(model.id, count, records)))
    terminal.result(
      json
        ? JSON.stringify({ schema: 'forkwise/fairness@1', cores: availableCores(), workers, rows, records }, null, 2)
        : rowsText(rows, terminal),
    )
    return EXIT.ok
  },
}

function rowOf(model: string, connections: number, records: readonly SpreadRecord[]): Row {
  const own = records.filter((record) => record.model === model && record.connections === connections)
  const requests = own.map((record) => Object.values(record.requests))
  const found = requests.map(fairnessOf).filter((one) => one !== null)
  return {
    model,
    connections,
    jain: found.map((one) => one.jain),
    idleWorkers: Math.max(0, ...found.map((one) => one.idleWorkers)),
    busiestOverMean: Math.max(...requests.map((counts) => (sharesOf(counts)[0] ?? Number.NaN) * counts.length)),
    accepted: own.map((record) => Object.values(record.accepted).sort((a, b) => b - a)),
  }
}

function rowsText(rows: readonly Row[], terminal: Terminal): string {
  const width = Math.max(5, ...rows.map((row) => row.model.length))
  const heading = `${'model'.padEnd(width)}  connections  Jain (worst)  busiest ÷ mean  idle  connections by worker`
  const lines = rows.map((row) => {
    const jain = row.jain.length === 0 ? '–' : significant(Math.min(...row.jain))
    const busiest = Number.isFinite(row.busiestOverMean) ? `${significant(row.busiestOverMean)}×` : '–'
    const spread = row.accepted.map((counts) => counts.join('+')).join('  ')
    return `${row.model.padEnd(width)}  ${String(row.connections).padStart(11)}  ${jain.padStart(12)}  ${busiest.padStart(14)}  ${String(row.idleWorkers).padStart(4)}  ${spread}`
  })
  return [terminal.style('strong', heading), ...lines].join('\n')
}
