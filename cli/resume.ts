import { ForkwiseError, ProblemList } from '../core/errors.ts'
import { type ResumedRun, resumeMeasuring } from '../experiments/capacity/resume.ts'
import type { OptionSet } from '../experiments/options/option.ts'
import type { CapacityExperiment } from '../store/capacity-record.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { type CommandOptions, giveOptions } from './config/given-options.ts'

/** The option of every command that leaves a results folder. */
export const RESUME_OPTION: OptionSpec = {
  name: 'resume',
  type: 'string',
  value: 'dir',
  help: 'Continue an interrupted run, with its own options.',
}

/**
 * The folder of the run to go on with; null when none is named. Its plan decides, so that no option may be given beside
 * but those of `allowed`, which do not change it: throws USAGE.
 */
export function resumedDir({ values, positionals }: Invocation, allowed: readonly string[] = []): string | null {
  const { resume } = values
  if (typeof resume !== 'string') return null
  const others = Object.keys(values).filter(
    (name) => !['resume', 'json', 'live', 'live-port', ...allowed].includes(name),
  )
  const given = [...positionals, ...others.map((name) => `--${name}`)]
  if (given.length === 0) return resume
  throw new ForkwiseError('USAGE', {
    message: `Expected \`--resume\` alone, got it with ${given.map((word) => `\`${word}\``).join(', ')}.`,
    hint: 'A resumed run goes on with its own plan.',
  })
}

/** The options of a command that measures capacity: those of the run to go on with, or those that are given. */
export async function giveOrResume(
  command: CapacityExperiment,
  set: OptionSet,
  invocation: Invocation,
): Promise<Pick<CommandOptions, 'given' | 'problems'> & { readonly resumed: ResumedRun['resumed'] | null }> {
  const dir = resumedDir(invocation)
  if (dir === null) return { ...(await giveOptions(command, set, invocation)), resumed: null }
  return { ...resumeMeasuring(dir, command), problems: new ProblemList() }
}
