import { isatty } from 'node:tty'
import { stripVTControlCharacters, styleText } from 'node:util'
import { shortLines, terminalText } from '../core/plain-text.ts'
import type { StyleKind, Terminal } from './command.ts'

const LOOKS: Readonly<Record<StyleKind, Parameters<typeof styleText>[0]>> = {
  strong: 'bold',
  faint: 'dim',
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  accent: 'cyan',
}

/** The sequences that our looks are made of: the only ones that are ever written from a text. */
const LOOK_SEQUENCES: readonly string[] = Object.values(LOOKS).flatMap(
  // oxlint-disable-next-line no-control-regex
  (look) => styleText(look, 'x', { validateStream: false }).match(/\u001B\[\d+m/g) ?? [],
)

/** The environment decides about colour: NO_COLOR, FORCE_COLOR, TERM=dumb, and whether anyone looks. */
export function wantsColour(env: NodeJS.ProcessEnv, isTTY: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0'
  return isTTY && env['TERM'] !== 'dumb'
}

/** The width that the environment names, for output that goes to no terminal. */
function columnsOf({ COLUMNS }: NodeJS.ProcessEnv): number | undefined {
  const columns = /^\d{2,3}$/.test(COLUMNS ?? '') ? Number(COLUMNS) : 0
  return columns >= 20 ? columns : undefined
}

/**
 * Breaks lines that are longer than `columns` at spaces; what was indented stays so, and styles go on over the break.
 * A word that is longer than a line, such as a path, is left whole.
 */
export function wrapNote(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (widthOf(line) <= columns ? line : wrapLine(line, columns)))
    .join('\n')
}

function wrapLine(line: string, columns: number): string {
  const [indent = ''] = /^\s*/.exec(line) ?? []
  const lines: string[] = []
  for (const word of line.slice(indent.length).split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || widthOf(last) + 1 + widthOf(word) > columns) lines.push(`${indent}${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}

/**
 * The terminal of this process: results on stdout, all else on stderr. The live lines are written on a TTY only and are
 * taken away before anything else is written.
 */
export function processTerminal(): Terminal {
  const interactive = isatty(2)
  const colour = wantsColour(process.env, interactive && isatty(1))
  const looks = colour ? LOOK_SEQUENCES : []
  let live = ''
  const columns = (): number => process.stderr.columns ?? process.stdout.columns ?? columnsOf(process.env) ?? 100
  const clear = (): void => {
    if (live === '') return
    process.stderr.write(`\r\u001B[2K${'\u001B[1A\u001B[2K'.repeat(live.split('\n').length - 1)}`)
  }
  return {
    interactive,
    get columns() {
      return columns()
    },
    get rows() {
      return process.stderr.rows ?? 24
    },
    result(text) {
      clear()
      live = ''
      process.stdout.write(`${terminalText(text, looks)}\n`)
    },
    note(text) {
      clear()
      const lines = shortLines(terminalText(text, looks))
      process.stderr.write(`${interactive ? wrapNote(lines, columns()) : lines}\n`)
      if (live !== '') process.stderr.write(live)
    },
    live(text) {
      if (!interactive) return
      clear()
      live = shortLines(terminalText(text, looks))
      process.stderr.write(live)
    },
    style(kind, text) {
      return colour ? styleText(LOOKS[kind], text, { validateStream: false }) : text
    },
  }
}
