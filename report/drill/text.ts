import type { DrillAnswer, DrillResult } from '../../core/drill-record.ts'
import { wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'
import { runbookLine } from './debrief.ts'
import { endSentence, judgementLines, scoreSentences, sinceFault, timeLine } from './wording.ts'

/** Most lines of the time line that are printed; strikes of the fault are left out first. */
const MOST_LINES = 40

/** The result of a drill for a terminal: how it ended, the score, the diagnosis, and the debrief. */
export function renderDrillText(result: DrillResult, options: TextOptions): string {
  const { style } = options
  const width = Math.min(options.columns, 100)
  const wrapped = (text: string): string[] => wrapText(text, width)
  const heading = (text: string): string[] => wrapped(text).map((line) => style('strong', line))
  const { debrief, score, judgement } = result
  const fix = (
    title: string,
    { lines, why }: { readonly lines: readonly string[]; readonly why: string },
  ): string[] => [...wrapped(title), ...lines.map((line) => `  ${line}`), ...wrapped(why)]
  return [
    [
      ...heading(`Drill ${result.number}: ${result.title}`),
      ...wrapped(endSentence(result)).map((line) => style(result.end === 'solved' ? 'good' : 'warn', line)),
      ...(score.points === null ? [] : [style('strong', `${score.points} of 100 points`)]),
    ],
    judgement === null ? [] : [...heading(`Goal: ${result.goal}`), ...judgementLines(judgement).flatMap(wrapped)],
    [...heading('Score'), ...scoreSentences(score).flatMap(wrapped)],
    answerLines(result.answers, width, options),
    [...heading('What happened'), ...timeLines(result, width)],
    [
      ...heading('Debrief'),
      ...wrapped(debrief.fault),
      ...debrief.showed.flatMap((line) => indented(line, width, '· ')),
    ],
    fix('The reference fix:', debrief.reference),
    fix('Another fix:', debrief.other),
    fix('A typical wrong turn:', debrief.wrongTurn),
    [
      ...wrapped(runbookLine(debrief)),
      ...wrapped(`Where it does not happen: ${debrief.model}`),
      ...wrapped(debrief.lesson).map((line) => style('strong', line)),
    ],
    options.folder === undefined ? [] : wrapped(`Files in ${options.folder}: report.html, report.md, result.json`),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function timeLines({ acts }: DrillResult, width: number): string[] {
  const all = timeLine(acts)
  const shown = all.length > MOST_LINES ? all.filter(({ kind }) => kind !== 'strike') : all
  return shown.flatMap(({ atS, text }) => indented(text, width, sinceFault(atS).padStart(7) + '  '))
}

function answerLines(answers: readonly DrillAnswer[], width: number, { style }: TextOptions): string[] {
  const said = ({ given, right }: DrillAnswer): string => {
    if (given === right) return `${right}.`
    return given === null ? `Not answered; it was “${right}”.` : `You said “${given}”; it was “${right}”.`
  }
  return [
    style('strong', 'The diagnosis'),
    ...answers.flatMap((answer) =>
      indented(
        `${answer.question} ${said(answer)} ${answer.why}`,
        width,
        answer.given === answer.right ? '✓ ' : answer.given === null ? '– ' : '→ ',
      ),
    ),
  ]
}

function indented(text: string, width: number, lead: string): string[] {
  const [first = '', ...rest] = wrapText(text, width - lead.length)
  return [`${lead}${first}`, ...rest.map((line) => `${' '.repeat(lead.length)}${line}`)]
}
