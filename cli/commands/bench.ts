import { EXIT, ProblemList } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import { type BenchRow, loadBenches } from '../bench.ts'
import type { Command, Terminal } from '../command.ts'
import { lineOptions, wordsToOptions } from '../option-words.ts'

const BENCH = {
  list: {
    schema: { type: 'boolean' },
    help: 'Name the benches instead of running them.',
    line: { words: 'flag' },
  },
  experiments: {
    schema: { type: 'integer', minimum: 0, maximum: 1000 },
    help: 'How many more experiments a verdict bench makes now.',
    otherwise: 'as many as are missing',
    line: { value: 'n' },
  },
} as const

/** `forkwise bench`: what the speed claims of the project rest on. */
export const command: Command = {
  name: 'bench',
  summary: 'Measure Forkwise itself: efficiency of the models, cost of the instrument, reach of the generator.',
  positionals: '[BENCH…]',
  arity: [0, 20],
  description:
    'Runs the benches named, or all except those that take an hour. Each figure is a ratio within one run, or says where ' +
    'it was measured. Exits with 5 when a goal is missed. The verdict benches add each experiment to ' +
    'results/verdict-proofs.ndjson and report the totals, so that they can be spread over many short runs.',
  options: lineOptions(BENCH),
  examples: [
    { line: 'forkwise bench', meaning: 'All of them; the machine should be otherwise idle.' },
    { line: 'forkwise bench efficiency', meaning: 'One of them.' },
    { line: 'forkwise bench verdicts-itself --experiments 2', meaning: 'Two of the sixty; takes about 80 s.' },
  ],
  json: true,
  async run({ positionals, values, json, signal, terminal }) {
    const problems = new ProblemList()
    const given = wordsToOptions(BENCH, { values, positionals }, problems)
    const { experiments = null, list } = readSettings(BENCH, given, problems)
    problems.throwIfAny('USAGE')
    const benches = await loadBenches()
    requireKnown(
      'a bench',
      positionals,
      benches.map((bench) => bench.name),
    )
    if (list === true) {
      terminal.result(benches.map((bench) => `${bench.name}  ${bench.summary}`).join('\n'))
      return EXIT.ok
    }
    const chosen = benches.filter((bench) =>
      positionals.length === 0 ? bench.onRequest !== true : positionals.includes(bench.name),
    )
    const results: { bench: string; rows: readonly BenchRow[] }[] = []
    for (const bench of chosen) {
      terminal.note(`${terminal.style('strong', bench.name)}: ${bench.summary}`)
      const rows = await bench.run({ signal, say: (text) => terminal.live(text), experiments })
      terminal.live('')
      results.push({ bench: bench.name, rows })
      if (!json) terminal.result(rowsText(rows, terminal))
      signal.throwIfAborted()
    }
    if (json) terminal.result(JSON.stringify({ schema: 'forkwise/bench@1', results }, null, 2))
    return results.some(({ rows }) => rows.some((row) => row.met === false)) ? EXIT.threshold : EXIT.ok
  },
}

function rowsText(rows: readonly BenchRow[], terminal: Terminal): string {
  const width = Math.max(...rows.map((row) => row.what.length))
  return rows
    .map((row) => {
      const mark = row.met === null ? ' ' : row.met ? terminal.style('good', '✓') : terminal.style('bad', '✗')
      return `${mark} ${row.what.padEnd(width)}  ${row.measured}${row.goal === '' ? '' : terminal.style('faint', `  (goal ${row.goal})`)}`
    })
    .join('\n')
}
