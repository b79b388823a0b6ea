import { ForkwiseError } from '../../core/errors.ts'
import type { DrillQuestion } from '../../experiments/drill/drill.ts'
import type { Terminal } from '../command.ts'
import { type Keyboard, processKeyboard } from '../lab/questions.ts'

/** Asks the questions of a diagnosis on the terminal; gives the answers. Return skips a question. Throws INTERRUPTED. */
export async function askDiagnosis(
  questions: readonly DrillQuestion[],
  terminal: Terminal,
  signal: AbortSignal,
  keyboard: Keyboard = processKeyboard(signal),
): Promise<Record<string, string>> {
  const answers: Record<string, string> = {}
  try {
    terminal.note(terminal.style('strong', 'The diagnosis. Return skips a question.'))
    for (const { id, text, choices } of questions) {
      const answer = await askOnce(text, choices, terminal, keyboard)
      if (answer === undefined) break
      if (answer !== null) answers[id] = answer
    }
    if (signal.aborted) throw new ForkwiseError('INTERRUPTED', { message: 'Interrupted before the diagnosis.' })
    return answers
  } finally {
    keyboard.close()
  }
}

/** The choice; null when it is skipped, undefined when no more can be typed. */
async function askOnce(
  text: string,
  choices: readonly string[],
  terminal: Terminal,
  keyboard: Keyboard,
): Promise<string | null | undefined> {
  terminal.note(text)
  choices.forEach((choice, place) => terminal.note(`  ${place + 1} ${choice}`))
  for (;;) {
    const line = await keyboard.ask('  Number: ')
    if (line === null) return undefined
    if (line.trim() === '') return null
    const answer = choices[Number(line.trim()) - 1]
    if (answer !== undefined) return answer
    terminal.note(`  Please type a number from 1 to ${choices.length}, or Return to skip.`)
  }
}
