import { ProblemList } from '../../core/errors.ts'
import { LAB } from '../../experiments/options/sets/lab.ts'
import type { Command } from '../command.ts'
import { listLabs } from '../lab/list.ts'
import { runNamedLab } from '../lab/run-lab.ts'
import { lineOptions } from '../option-words.ts'

/** `forkwise lab`: the experiments of the texts, predicted, run for real and drawn. */
export const command: Command = {
  name: 'lab',
  summary: 'Predict, run and see the small experiments that the texts on concurrency teach with.',
  positionals: '[NAME]',
  arity: [0, 1],
  description:
    'Each lab is a small experiment that runs for real on this machine, in Node and beside it in Python where that is ' +
    'installed, in a minute at most. You are asked what you expect first; then you see what happened, in a picture, ' +
    'and whether what the texts say is so here. Without a name: the labs in the order in which to do them.',
  options: [...lineOptions(LAB)],
  examples: [
    { line: 'forkwise lab', meaning: 'The labs in teaching order.' },
    { line: 'forkwise lab spinner', meaning: 'Which spinners freeze while something computes?' },
  ],
  json: true,
  async run(invocation) {
    const problems = new ProblemList()
    if (invocation.positionals.length === 0) return listLabs(invocation)
    return runNamedLab(invocation, problems)
  },
}
