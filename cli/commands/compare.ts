import type { Command } from '../command.ts'
import { prepareComparison } from '../../experiments/comparison/prepare.ts'
import { resumeComparison } from '../../experiments/comparison/resume.ts'
import { COMPARE } from '../../experiments/options/sets/comparison.ts'
import { reproducingCommand } from '../compare/reproducing-command.ts'
import { compareAndReport } from '../comparison.ts'
import { CONFIG_OPTION, giveOptions } from '../config/given-options.ts'
import { LIVE_OPTIONS } from '../live-option.ts'
import { lineOptions } from '../option-words.ts'
import { RESUME_OPTION, resumedDir } from '../resume.ts'

/** `forkwise compare`: the main job. */
export const command: Command = {
  name: 'compare',
  summary: 'Run the same handlers under several server models and say which is better.',
  positionals: '',
  arity: [0, 0],
  description:
    'Starts each server model afresh in randomised blocks, drives it with load, and prints a verdict for each model ' +
    'and workload: better, worse, same, or inconclusive and why. The default takes about ten minutes; --quick is a ' +
    'pilot of under three. Everything is kept in a results folder, also when the run is interrupted.',
  options: [...lineOptions(COMPARE), CONFIG_OPTION, RESUME_OPTION, ...LIVE_OPTIONS],
  examples: [
    { line: 'forkwise compare --quick', meaning: 'A first impression in under three minutes.' },
    {
      line: 'forkwise compare --models single,cluster --workloads cpu --budget 10m',
      meaning: 'One question, a sure answer.',
    },
    {
      line: 'forkwise compare --app ./app.js --path /orders/42 --quick',
      meaning: 'Your own app instead of the built-in handlers.',
    },
    {
      line: 'forkwise compare --app ./app.js --path /orders/42 --url http://127.0.0.1:8080 --name django --pid 4711',
      meaning: 'A server that runs already and gives the same answers, compared with your app.',
    },
    {
      line: "forkwise compare --assert 'cluster/cpu throughput >= 1.5x single' --junit forkwise.xml",
      meaning: 'A threshold in a pipeline: exit code 5 when it is missed.',
    },
    { line: 'forkwise compare --resume results/2026-11-20-101500-compare', meaning: 'Go on where a run stopped.' },
  ],
  json: true,
  async run(invocation) {
    const { signal, terminal } = invocation
    const preparing = { signal, onProgress: (text: string) => terminal.note(text) }
    const resumed = resumedDir(invocation, ['anyway'])
    if (resumed !== null) {
      const prepared = await resumeComparison(resumed, invocation.values['anyway'] === true, preparing)
      return compareAndReport(prepared, invocation)
    }
    const { given, config, problems } = await giveOptions('compare', COMPARE, invocation)
    const reproduce = (seed: number): string => reproducingCommand(invocation.line, seed, config)
    const prepared = await prepareComparison(given, reproduce, problems, preparing)
    return compareAndReport(prepared, invocation)
  },
}
