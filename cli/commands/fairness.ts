import { availableCores } from '../../core/cores.ts'
import { EXIT } from '../../core/errors.ts'
import { runFairness } from '../../experiments/fairness/fairness.ts'
import { readFairness } from '../../experiments/fairness/read-fairness.ts'
import { FAIRNESS } from '../../experiments/options/sets/fairness.ts'
import { fairnessText } from '../../report/fairness-text.ts'
import type { Command } from '../command.ts'
import { CONFIG_OPTION, giveOptions } from '../config/given-options.ts'
import { narrate } from '../narration.ts'
import { lineOptions } from '../option-words.ts'

/** `forkwise fairness`: how evenly a model's routing spreads connections and requests. */
export const command: Command = {
  name: 'fairness',
  summary: 'Show how evenly a model spreads connections and requests over its workers.',
  positionals: 'MODEL…',
  arity: [0, 30],
  description:
    'Loads each model with one number of connections after another, over several launches, and counts what each worker ' +
    'got. Routing hands out connections, not requests, so a few connections are a lottery: the table shows from how ' +
    'many on it evens out.',
  options: [...lineOptions(FAIRNESS), CONFIG_OPTION],
  examples: [
    { line: 'forkwise fairness cluster cluster-shared pm2-fork', meaning: 'Three ways to route, side by side.' },
  ],
  json: true,
  async run(invocation) {
    const { json, signal, terminal } = invocation
    const { given, problems } = await giveOptions('fairness', FAIRNESS, invocation)
    const prepared = await readFairness(given, problems)
    problems.throwIfAny('USAGE')
    const { rows, records } = await narrate(runFairness(prepared, signal), terminal)
    terminal.result(
      json
        ? JSON.stringify(
            { schema: 'forkwise/fairness@1', cores: availableCores(), workers: prepared.workers, rows, records },
            null,
            2,
          )
        : fairnessText(rows, (kind, text) => terminal.style(kind, text)),
    )
    return EXIT.ok
  },
}
