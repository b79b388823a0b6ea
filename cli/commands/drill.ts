import { ProblemList } from '../../core/errors.ts'
import { DRILL } from '../../experiments/options/sets/drill.ts'
import type { Command } from '../command.ts'
import { writeDrillClass } from '../drill/class.ts'
import { CONTROL_WORDS, controlDrill } from '../drill/control.ts'
import { listDrills } from '../drill/list.ts'
import { reportDrill, runNamedDrill } from '../drill/run-drill.ts'
import { LIVE_OPTIONS, noteUnusedLive } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'

/** `forkwise drill`: incidents to practise on, with a goal that is checked. */
export const command: Command = {
  name: 'drill',
  summary: 'Practise incidents on a real server under a real load, each with a goal that is checked.',
  positionals: `[NAME | do [LEVER [VALUE]] | ${CONTROL_WORDS.slice(1).join(' | ')} | report DIR | class DIR …]`,
  arity: [0, 200],
  description:
    'Starts a server and its load. For a minute nothing is wrong; then, at a hidden moment, something is, and it is yours to ' +
    'find and to mend. Look at it with whatever you know: the live page (--live), curl of the metrics, ps, ss. ' +
    'From a second terminal, `drill do LEVER [VALUE]` does what an operator can do, to the running server; `drill do` alone ' +
    'lists the levers and says where the goal stands; `drill seen` says that you noticed, `drill diagnose` asks what you ' +
    'take for the cause, `drill hint` gives the next of three hints. The drill is over when its goal was met for a while; ' +
    'then comes the score and the debrief. `report` makes it again from its folder; `class` puts many on one page. ' +
    'Without a name: the list of drills. Exit code 5 when the goal was not met, 4 when it could not be checked.',
  options: [...lineOptions(DRILL), ...LIVE_OPTIONS],
  examples: [
    { line: 'forkwise drill', meaning: 'The drills, with level and time.' },
    { line: 'forkwise drill blocked-loop --live', meaning: 'The first one, with the live page.' },
    { line: 'forkwise drill do workers 4', meaning: 'From a second terminal: four workers.' },
    { line: 'forkwise drill blocked-loop --fast --reveal', meaning: 'For teachers: the fault shown, at once.' },
    { line: 'forkwise drill class anna ben', meaning: 'A class on one page.' },
  ],
  json: true,
  async run(invocation) {
    const problems = new ProblemList()
    const { terminal, json } = invocation
    const [name, ...rest] = invocation.positionals
    const word = CONTROL_WORDS.find((each) => each === name)
    if (name === undefined || word !== undefined || name === 'class' || name === 'report') {
      noteUnusedLive(name === undefined ? 'drill' : `drill ${name}`, 'no drill is begun', invocation.values, problems)
    }
    if (name === 'class') {
      problems.throwIfAny('USAGE')
      return writeDrillClass(rest, invocation)
    }
    if (word !== undefined) return controlDrill(word, rest, invocation, problems)
    const most = name === 'report' ? 1 : 0
    if (rest.length > most || (name === 'report' && rest.length === 0)) {
      problems.add(
        name === 'report'
          ? `Expected the folder of one drill, got ${rest.length}.`
          : `Expected one drill, got ${invocation.positionals.length} words.`,
      )
    }
    problems.throwIfAny('USAGE')
    if (name === undefined) return listDrills(invocation, problems)
    if (name === 'report') return reportDrill(rest[0] ?? '', { terminal, json, format: undefined }, 'missing')
    return runNamedDrill(invocation, problems)
  },
}
