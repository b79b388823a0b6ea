import { isatty } from 'node:tty'
import { styleText } from 'node:util'
import type { StyleKind, Terminal } from './command.ts'

const LOOKS: Readonly<Record<StyleKind, Parameters<typeof styleText>[0]>> = {
  strong: 'bold',
  faint: 'dim',
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  accent: 'cyan',
}

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
 * The terminal of this process: results on stdout, all else on stderr. The live line is written on a TTY only and is
 * taken away before anything else is written.
 */
export function processTerminal(): Terminal {
  const interactive = isatty(2)
  const colour = wantsColour(process.env, interactive && isatty(1))
  let live = ''
  const clear = (): void => {
    if (live !== '') process.stderr.write('\r\u001B[2K')
  }
  return {
    interactive,
    get columns() {
      return process.stderr.columns ?? process.stdout.columns ?? columnsOf(process.env) ?? 100
    },
    result(text) {
      clear()
      live = ''
      process.stdout.write(`${text}\n`)
    },
    note(text) {
      clear()
      process.stderr.write(`${text}\n`)
      if (live !== '') process.stderr.write(live)
    },
    live(text) {
      if (!interactive) return
      clear()
      live = text
      process.stderr.write(text)
    },
    style(kind, text) {
      return colour ? styleText(LOOKS[kind], text, { validateStream: false }) : text
    },
  }
}
