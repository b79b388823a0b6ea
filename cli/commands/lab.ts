import { ProblemList } from '../../core/errors.ts'
import { LAB } from '../../experiments/options/sets/lab.ts'
import type { Command, Invocation } from '../command.ts'
import { runAllLabs } from '../lab/all.ts'
import { writeClassPage } from '../lab/class.ts'
import { listLabs } from '../lab/list.ts'
import { runNamedLab } from '../lab/run-lab.ts'
import { printSources } from '../lab/source.ts'
import { lineOptions } from '../option-words.ts'

/** `forkwise lab`: the experiments of the texts, predicted, run for real and drawn. */
export const command: Command = {
  name: 'lab',
  summary: 'Predict, run and see the small experiments that the texts on concurrency teach with.',
  positionals: '[NAME | all | class DIR …]',
  arity: [0, 200],
  description:
    'Each lab is a small experiment that runs for real on this machine, in Node and also in Python where that is ' +
    'installed, in a minute at most. You are asked what you expect first; then you see what happened, in a picture, ' +
    'and whether what the texts say is so here. Without a name: the labs in the order in which to do them. `all` runs every ' +
    'one; `class` puts the results folders of many readers on one page, with what they predicted and what happened.',
  options: [
    ...lineOptions(LAB),
    { name: 'source', type: 'boolean', help: 'Print the programs of the lab instead of running them: they are short.' },
  ],
  examples: [
    { line: 'forkwise lab', meaning: 'The labs in teaching order.' },
    { line: 'forkwise lab spinner', meaning: 'Which spinners freeze while something computes?' },
    { line: 'forkwise lab spinner --predict inline=freezes,thread=turns', meaning: 'The same, predicted beforehand.' },
    { line: 'forkwise lab all --quick', meaning: 'All of them in about five minutes; nothing is asked.' },
    { line: 'forkwise lab class results/* --out class', meaning: 'Many readers on one page, for a teacher.' },
  ],
  json: true,
  async run(invocation) {
    const problems = new ProblemList()
    const [name, ...dirs] = invocation.positionals
    if (name !== 'class' && dirs.length > 0)
      problems.add(`Expected one lab, got ${invocation.positionals.length} words.`)
    requireFitting(name, invocation.values, problems)
    problems.throwIfAny('USAGE')
    if (name === undefined) return listLabs(invocation)
    if (name === 'class') return writeClassPage(dirs, invocation)
    if (invocation.values['source'] === true) return printSources(name, invocation)
    return name === 'all' ? runAllLabs(invocation) : runNamedLab(invocation, problems)
  },
}

/** The options that fit each word which is no lab. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  all: ['quick', 'seed', 'out', 'no-predict'],
  class: ['out'],
}

/** Notes every option that does nothing with what was named. */
function requireFitting(name: string | undefined, values: Invocation['values'], problems: ProblemList): void {
  const given = Object.keys(values).filter((option) => !['json', 'help'].includes(option))
  const fitting = name === undefined ? [] : (FITTING[name] ?? (values['source'] === true ? ['source'] : given))
  const what = name === undefined ? 'without one' : name in FITTING ? `with \`${name}\`` : 'with `--source`'
  const example = given.includes('source') ? '--source' : '--quick'
  for (const option of given.filter((each) => !fitting.includes(each))) {
    problems.add(
      what === 'with `--source`'
        ? `Expected \`--source\` alone, which runs nothing, got \`--${option}\` with it.`
        : `Expected \`--${option}\` with one lab, got it ${what}.`,
      what === 'with `--source`' ? undefined : `Name the lab, e.g. npx forkwise lab spinner ${example}.`,
    )
  }
}
