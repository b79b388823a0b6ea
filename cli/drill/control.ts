import { isatty } from 'node:tty'
import type { DrillStatus } from '../../core/drill-record.ts'
import { EXIT, type ExitCode, ForkwiseError, type ProblemList } from '../../core/errors.ts'
import { askDrill, findRunningDrill, type FoundDrill } from '../../experiments/drill/control-client.ts'
import type { ControlRequest } from '../../experiments/drill/control.ts'
import { loadDrill } from '../../experiments/drill/drills.ts'
import { DRILL } from '../../experiments/options/sets/drill.ts'
import { readSettings } from '../../experiments/options/settings.ts'
import { judgementLines } from '../../report/drill/wording.ts'
import type { Invocation } from '../command.ts'
import { wordsToOptions } from '../option-words.ts'
import { askDiagnosis } from './diagnosis.ts'

/** What can be asked of a drill that runs in another terminal. */
export const CONTROL_WORDS = ['do', 'hint', 'seen', 'status', 'diagnose', 'give-up'] as const

/** One of {@link CONTROL_WORDS}. */
export type ControlWord = (typeof CONTROL_WORDS)[number]

/** Asks a drill that runs in another terminal to do something, and prints what comes back; gives the exit code. */
export async function controlDrill(
  word: ControlWord,
  words: readonly string[],
  invocation: Invocation,
  problems: ProblemList,
): Promise<ExitCode> {
  const most = word === 'do' ? 2 : 0
  if (words.length > most) {
    problems.add(
      most === 0
        ? `Expected nothing after \`${word}\`, got ${words.length} words.`
        : `Expected a lever and at most one value, got ${words.length} words.`,
    )
  }
  const settings = readSettings(DRILL, wordsToOptions(DRILL, invocation, problems), problems)
  problems.throwIfAny('USAGE')
  const drill = await findRunningDrill(settings.run ?? null)
  const { terminal, json } = invocation
  const [lever, value] = words
  if (word === 'status' || (word === 'do' && lever === undefined)) {
    const status = (await askDrill(drill, { ask: 'status' })) as DrillStatus
    terminal.result(json ? JSON.stringify(status, null, 2) : statusText(status))
    return EXIT.ok
  }
  const request: ControlRequest =
    word === 'diagnose'
      ? { ask: 'diagnose', answers: await answersTo(drill, invocation) }
      : word === 'do'
        ? { ask: 'do', lever: lever ?? '', value: value ?? null }
        : { ask: ({ hint: 'hint', seen: 'acknowledge', 'give-up': 'give-up' } as const)[word] }
  const answer = (await askDrill(drill, request)) as { readonly text?: string } | null
  terminal.result(json ? JSON.stringify(answer ?? {}) : (answer?.text ?? DONE[word]))
  return EXIT.ok
}

const DONE: Readonly<Record<ControlWord, string>> = {
  do: 'Done.',
  hint: 'There is no hint.',
  seen: 'Noted: you have seen that something is wrong.',
  status: '',
  diagnose: 'Noted: what is right stands in the debrief.',
  'give-up': 'The drill ends; the debrief is in its terminal.',
}

async function answersTo(drill: FoundDrill, { terminal, signal }: Invocation): Promise<Record<string, string>> {
  if (!isatty(0)) {
    throw new ForkwiseError('USAGE', {
      message: 'Expected a terminal to ask for the diagnosis in, got none.',
      hint: 'It is asked at the end of the drill too, in the terminal that it runs in.',
    })
  }
  return askDiagnosis((await loadDrill(drill.drill)).questions, terminal, signal)
}

function statusText({ title, page, goal, targets, judgement, levers, hintsLeft }: DrillStatus): string {
  const width = Math.max(...levers.map(({ id }) => id.length))
  return [
    title,
    page,
    '',
    `Goal: ${goal}`,
    ...(judgement === null ? [] : judgementLines(judgement).map((line) => `  ${line}`)),
    '',
    `The server: ${targets.join(' ')}`,
    'Levers:',
    ...levers.map(({ id, help, value, now }) => {
      const may = value === '' ? '' : ` (${value}${now === null ? '' : `; now ${now}`})`
      return `  ${id.padEnd(width)}  ${help}${may}`
    }),
    `Hints left: ${hintsLeft}`,
  ].join('\n')
}
