import { createInterface } from 'node:readline/promises'
import type { Lab, LabAsk } from '../../experiments/lab/lab.ts'
import { expectedAnswer, readAnswer } from '../../experiments/lab/prepare.ts'
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
  terminal.note(terminal.style('strong', `Lab ${lab.number}: ${lab.title}`))
  terminal.note(lab.question)
  terminal.note('What do you expect? Return skips a question. The answers are kept beside what happens.')
  for (const ask of lab.asks) {
    const answer = await askOnce(ask, terminal, keyboard)
    if (answer === undefined) break
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
    ask.kind === 'number' ? ask.unit : ask.choices.map((choice, index) => `${index + 1} ${choice}`).join(', ')
  for (;;) {
    const line = await keyboard.ask(`  ${ask.label}${choices === '' ? '' : ` (${choices})`}? `)
    if (line === null) return undefined
    if (line.trim() === '') return null
    const answer = readAnswer(ask, line)
    if (answer !== null) return answer
    terminal.note(`  Please type ${expectedAnswer(ask)}, or Return to skip.`)
  }
}
