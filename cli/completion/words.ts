import { loadModels } from '../../cluster/models.ts'
import { faultIds } from '../../experiments/faults/faults.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import { optionsOf } from '../arguments.ts'
import type { OptionSpec } from '../command.ts'
import { describeCommands } from '../commands.ts'

/** What may follow an option or stand as an argument: words of a list, files, or anything. */
export type Completion =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly separated: boolean }
  | { readonly kind: 'files' }
  | { readonly kind: 'anything' }

/** One option as a shell completes it. */
export interface CompletedOption {
  /** With its dashes. */
  readonly flag: string
  readonly help: string
  /** Null for a flag without a value. */
  readonly value: Completion | null
}

/** One command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
  readonly argument: Completion
}

/** Every command with its options and what may follow them, read from the commands' own tables. */
export async function completedCommands(): Promise<readonly CompletedCommand[]> {
  const [commands, models, workloads] = await Promise.all([describeCommands(), loadModels(), loadWorkloads()])
  const names: Names = { models: models.map(({ id }) => id), workloads: workloads.map(({ id }) => id) }
  return commands.map((command) => ({
    name: command.name,
    summary: command.summary,
    options: optionsOf(command).map((option) => ({
      flag: `--${option.name}`,
      help: option.help.split('\n')[0] ?? '',
      value: option.type === 'boolean' ? null : valueOf(option, names),
    })),
    argument: argumentOf(command.positionals, names),
  }))
}

interface Names {
  readonly models: readonly string[]
  readonly workloads: readonly string[]
}

function valueOf({ name, value = '' }: OptionSpec, { models, workloads }: Names): Completion {
  if (name === 'models') return { kind: 'words', words: ['all', ...models], separated: true }
  if (name === 'workloads') return { kind: 'words', words: workloads, separated: true }
  if (name === 'model' || name === 'baseline') return { kind: 'words', words: models, separated: false }
  if (name === 'faults') return { kind: 'words', words: faultIds(), separated: true }
  if (name === 'workload') return { kind: 'words', words: workloads, separated: false }
  if (/^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(value)) return { kind: 'words', words: value.split('|'), separated: false }
  return ['file', 'dir', 'folder'].includes(value) || name === 'node' || name === 'python'
    ? { kind: 'files' }
    : { kind: 'anything' }
}

function argumentOf(positionals: string, { models }: Names): Completion {
  if (/\bMODEL\b/.test(positionals)) return { kind: 'words', words: models, separated: false }
  const choice = /[a-z0-9-]+(?:\|[a-z0-9-]+)+/.exec(positionals)?.[0]
  if (choice !== undefined) return { kind: 'words', words: choice.split('|'), separated: false }
  return /\b(DIR|FILE|FOLDER|RUN)\b/.test(positionals) ? { kind: 'files' } : { kind: 'anything' }
}
