import { EXIT } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import type { Command } from '../command.ts'
import { bashScript, zshScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { completedCommands } from '../completion/words.ts'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

/** `forkwise completion`: what a shell needs to complete command lines. */
export const command: Command = {
  name: 'completion',
  summary: 'Print a completion script for bash, zsh or fish.',
  positionals: 'bash|zsh|fish',
  arity: [1, 1],
  description:
    'Prints a script that completes commands, options, and the names of models and workloads. It is made from the ' +
    'commands’ own tables, so make it again after an update.',
  options: [],
  examples: [
    { line: 'forkwise completion bash > ~/.local/share/bash-completion/completions/forkwise', meaning: 'For good.' },
    { line: 'forkwise completion fish | source', meaning: 'For this shell alone, in fish.' },
  ],
  json: false,
  async run({ positionals, terminal }) {
    const [shell = ''] = positionals
    requireKnown('a shell', [shell], Object.keys(SCRIPTS))
    terminal.result(SCRIPTS[shell as keyof typeof SCRIPTS](await completedCommands()).trimEnd())
    return EXIT.ok
  },
}
