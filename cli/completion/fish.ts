import type { CompletedCommand, Completion } from './words.ts'

/** A completion script for fish: `forkwise completion fish | source`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, argument }) => {
    const seen = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
    return [
      `complete -c forkwise -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...options.map(
        ({ flag, help, value }) =>
          `complete -c forkwise ${seen} -l ${flag.slice(2)}${value === null ? '' : taking(value)} -d ${quoted(help)}`,
      ),
      ...(argument.kind === 'words' ? [`complete -c forkwise ${seen} -f -a ${quoted(argument.words.join(' '))}`] : []),
    ]
  })
  return `# Completion of forkwise for fish. Use it with: forkwise completion fish | source
${lines.join('\n')}
`
}

function taking(value: Completion): string {
  if (value.kind === 'files') return ' -r -F'
  if (value.kind === 'anything') return ' -x'
  const words = value.words.join(' ')
  return value.separated ? ` -x -a ${quoted(`(__fish_append , ${words})`)}` : ` -x -a ${quoted(words)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
