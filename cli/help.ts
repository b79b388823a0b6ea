import { optionsOf } from './arguments.ts'
import type { Command, OptionSpec, Terminal } from './command.ts'

/** The overview that `forkwise --help` prints. */
export function overviewText(commands: readonly Command[], terminal: Terminal, version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  const textWidth = Math.max(30, Math.min(terminal.columns, 110) - width - 4)
  return [
    `${terminal.style('strong', 'forkwise')} ${version}: how should a Node service be spread over processes and threads?`,
    '',
    'Usage: forkwise COMMAND [options]',
    '',
    ...commands.flatMap(({ name, summary }) => {
      const [first = '', ...rest] = wrap(summary, textWidth)
      const head = `  ${terminal.style('accent', name.padEnd(width))}  ${first}`
      return [head, ...rest.map((line) => `  ${' '.repeat(width)}  ${line}`)]
    }),
    '',
    'forkwise COMMAND --help shows a command’s options and examples.',
    ...wrap(
      'Exit codes: 0 ok, 1 a fault of ours, 2 bad usage, 3 machine not fit, 4 a trial failed, 5 a threshold missed, 130 interrupted.',
      Math.max(40, Math.min(terminal.columns, 110)),
    ),
  ].join('\n')
}

/** The help of one command. */
export function commandText(command: Command, terminal: Terminal): string {
  const options = optionsOf(command)
  const labels = options.map(optionLabel)
  const width = Math.min(30, Math.max(...labels.map((label) => label.length)))
  const textWidth = Math.max(30, Math.min(terminal.columns, 110) - width - 4)
  const lines = [
    `Usage: forkwise ${command.name}${command.positionals === '' ? '' : ` ${command.positionals}`} [options]`,
    '',
    ...wrap(command.description, Math.max(40, Math.min(terminal.columns, 110))),
    '',
    terminal.style('strong', 'Options'),
    ...options.flatMap((option, i) => {
      const [first = '', ...rest] = wrap(option.help, textWidth)
      const label = labels[i] ?? ''
      const head =
        label.length > width
          ? [`  ${label}`, `  ${' '.repeat(width)}  ${first}`]
          : [`  ${label.padEnd(width)}  ${first}`]
      return [...head, ...rest.map((line) => `  ${' '.repeat(width)}  ${line}`)]
    }),
  ]
  if (command.examples.length > 0) {
    lines.push('', terminal.style('strong', 'Examples'))
    for (const example of command.examples) {
      lines.push(`  ${terminal.style('accent', `npx ${example.line}`)}`, `      ${example.meaning}`)
    }
  }
  return lines.join('\n')
}

/** Breaks text into lines of at most `width` characters at spaces; paragraphs stay apart. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else {
        line = line === '' ? word : `${line} ${word}`
      }
    }
    return [...lines, line]
  })
}

/** `-p, --port p`: an option as it is typed. */
export function optionLabel(option: OptionSpec): string {
  const short = option.short === undefined ? '' : `-${option.short}, `
  return `${short}--${option.name}${option.type === 'string' ? ` ${option.value ?? 'value'}` : ''}`
}
