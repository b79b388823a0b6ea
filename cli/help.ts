import { wrapText } from '../report/table.ts'
import { optionsOf } from './arguments.ts'
import type { CommandDescription, OptionSpec, Terminal } from './command.ts'
import { definitionLines, textColumns } from './definitions.ts'

/** The overview that `forkwise --help` prints. */
export function overviewText(commands: readonly CommandDescription[], terminal: Terminal, version: string): string {
  const { columns } = terminal
  const [title = '', ...rest] = wrapText(
    `forkwise ${version}: how should a Node service be spread over processes and threads?`,
    textColumns(columns),
  )
  return [
    title.replace('forkwise', (name) => terminal.style('strong', name)),
    ...rest,
    '',
    'Usage: forkwise COMMAND [options]',
    '',
    ...definitionLines(
      commands.map(({ name, summary }) => ({
        label: `  ${name}`,
        styled: `  ${terminal.style('accent', name)}`,
        texts: [summary],
      })),
      columns,
    ),
    '',
    ...wrapText(
      'forkwise COMMAND --help shows a command’s options and examples.\n' +
        'Exit codes: 0 ok, 1 internal error, 2 bad usage, 3 unsuitable machine, 4 a trial failed, 5 a threshold missed, 130 interrupted.',
      textColumns(columns),
    ),
  ].join('\n')
}

/** The help of one command. */
export function commandText(command: CommandDescription, terminal: Terminal): string {
  const { columns } = terminal
  const options = optionsOf(command).map((option) => ({ label: `  ${optionLabel(option)}`, texts: [option.help] }))
  const lines = [
    `Usage: forkwise ${command.name}${command.positionals === '' ? '' : ` ${command.positionals}`} [options]`,
    '',
    ...wrapText(command.description, textColumns(columns)),
    '',
    terminal.style('strong', 'Options'),
    ...definitionLines(options, columns),
  ]
  if (command.examples.length > 0) {
    lines.push('', terminal.style('strong', 'Examples'))
    for (const example of command.examples) {
      lines.push(
        `  ${terminal.style('accent', `npx ${example.line}`)}`,
        ...wrapText(example.meaning, textColumns(columns) - 6).map((line) => `      ${line}`),
      )
    }
  }
  return lines.join('\n')
}

/** `-p, --port p`: an option as it is typed. */
export function optionLabel(option: OptionSpec): string {
  const short = option.short === undefined ? '' : `-${option.short}, `
  return `${short}--${option.name}${option.type === 'string' ? ` ${option.value ?? 'value'}` : ''}`
}
