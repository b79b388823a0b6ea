import { createInterface } from 'node:readline/promises'
import { availableCores } from '../../core/cores.ts'
import { coresText } from '../../core/quantities.ts'
import { wordsIn } from '../../experiments/lab/glossary.ts'
import type { Lab, LabAsk } from '../../experiments/lab/lab.ts'
import { expectedAnswer, readAnswer } from '../../experiments/lab/prepare.ts'
import { wrapText } from '../../report/table.ts'
import type { Terminal } from '../command.ts'

/** Where answers are typed. */
export interface Keyboard {
  /** Writes the text, and gives the line that is typed; null once there are none any more (Ctrl-D). */
  ask(text: string): Promise<string | null>
  close(): void
}

/** The keyboard of this process; typing ends when the signal aborts. */
export function processKeyboard(signal: AbortSignal): Keyboard {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // The interface takes Ctrl-C away from the process in a terminal: it is handed on.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  let ended = false
  const whenClosed = new Promise<null>((resolve) => {
    lines.once('close', () => {
      ended = true
      resolve(null)
    })
  })
  return {
    ask: async (text) => {
      if (ended) return null
      try {
        return await Promise.race([lines.question(text, { signal }), whenClosed])
      } catch (thrown) {
        if (signal.aborted) return null
        throw thrown
      }
    },
    close: () => lines.close(),
  }
}

/**
 * Asks what the reader expects, question by question. Return skips one; what cannot be understood is asked again. Gives
 * what was answered until the end of the questions, or of the typing.
 */
export async function askPredictions(
  lab: Lab,
  terminal: Terminal,
  keyboard: Keyboard,
): Promise<Record<string, string | number>> {
  const predictions: Record<string, string | number> = {}
  const noteAll = (text: string, style: (line: string) => string = (line) => line): void => {
    for (const line of wrapText(text, widthOf(terminal))) terminal.note(style(line))
  }
  noteAll(`Lab ${lab.number}: ${lab.title}`, (line) => terminal.style('strong', line))
  noteAll(lab.question)
  const asked = lab.asks.flatMap((ask) => [ask.asked ?? ask.label, ...(ask.kind === 'choice' ? ask.choices : [])])
  for (const { word, means } of wordsIn([lab.question, ...asked])) {
    noteAll(`${word}: ${means}.`, (line) => terminal.style('faint', line))
  }
  noteAll(
    `What do you expect, on ${coresText(availableCores())}? Return skips a question. The answers are kept beside what happens.`,
  )
  for (const ask of lab.asks) {
    const answer = await askOnce(ask, terminal, keyboard)
    if (answer === undefined) {
      // What follows begins below the question.
      terminal.note('')
      break
    }
    if (answer !== null) predictions[ask.id] = answer
  }
  return predictions
}

/** The answer; null when it is skipped, undefined when no more can be typed. */
async function askOnce(
  ask: LabAsk,
  terminal: Terminal,
  keyboard: Keyboard,
): Promise<string | number | null | undefined> {
  const choices =
    ask.kind === 'number' ? numberForm(ask) : ask.choices.map((choice, index) => `${index + 1} ${choice}`).join('; ')
  const width = widthOf(terminal) - INDENT.length
  const question = wrapText(`${ask.asked ?? ask.label} (${choices})?`, width)
  for (;;) {
    for (const line of question.slice(0, -1)) terminal.note(`${INDENT}${line}`)
    const line = await keyboard.ask(`${INDENT}${question.at(-1)} `)
    if (line === null) return undefined
    if (line.trim() === '') return null
    const answer = readAnswer(ask, line)
    if (answer !== null) return answer
    for (const part of wrapText(`Please type ${expectedAnswer(ask)}, or Return to skip.`, width)) {
      terminal.note(`${INDENT}${part}`)
    }
  }
}

/** What is typed for a number. */
function numberForm({ unit, label, asked = label }: LabAsk & { readonly kind: 'number' }): string {
  if (unit === '' || asked.includes(unit)) return 'a number'
  return unit === '×' ? 'a number, e.g. 1.5' : `a number, in ${unit}`
}

const INDENT = '  '

/** Columns of texts that are read, one less than there are: what is typed follows them. */
function widthOf({ columns }: Pick<Terminal, 'columns'>): number {
  return Math.min(columns, 100) - 1
}
