import type { LabAnswer, LabClaim, LabResult } from '../../core/lab-record.ts'
import { significant } from '../../core/quantities.ts'
import { renderTable, stackRows, type TextColumn, type TextSpan, wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'
import { pictureLines } from './pictures.ts'

const MARKS: Readonly<Record<LabClaim['outcome'], { kind: 'good' | 'bad' | 'warn'; mark: string }>> = {
  confirmed: { kind: 'good', mark: '✓' },
  'does not hold here': { kind: 'bad', mark: '✗' },
  undecided: { kind: 'warn', mark: '?' },
}

/** The result of a lab for a terminal: pictures, what was predicted, what it shows, whether it is as the texts say. */
export function renderLabText(result: LabResult, options: TextOptions): string {
  const { style } = options
  const width = Math.min(options.columns, 100)
  const wrapped = (text: string): string[] => wrapText(text, width)
  const heading = (text: string): string[] => wrapped(text).map((line) => style('strong', line))
  const { change, servers, manifest } = result
  return [
    [...heading(`Lab ${result.number}: ${result.title}`), ...wrapped(result.question)],
    ...result.pictures.map((picture) => pictureLines(picture, options)),
    figureLines(result, options),
    wordLines(result, options),
    answerLines(result, options),
    [...heading('What it shows'), ...wrapped(result.paragraph)],
    [...heading('Is it so here?'), ...result.claims.flatMap((claim) => claimLines(claim, width, options))],
    [
      ...wrapped(`${beliefText(result)} From: ${result.source}.`),
      ...(change === null ? [] : commandLines(`Change one thing: ${change.help}`, change.line, width)),
      ...commandLines(servers.text, servers.line, width),
    ],
    manifest.lacks.flatMap(({ what, remedy }) => wrapped(`${what} ${remedy}`).map((line) => style('warn', line))),
    options.folder === undefined
      ? []
      : commandLines('Files: report.html, report.md and result.json in', options.folder, width),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** A claim with its mark, e.g. `✓ … (confirmed)`. */
export function claimLines({ outcome, sentence }: LabClaim, width: number, { style }: TextOptions): string[] {
  const { kind, mark } = MARKS[outcome]
  const [first = '', ...rest] = wrapText(`${sentence} (${outcome})`, width - 2)
  return [`${style(kind, mark)} ${first}`, ...rest.map((line) => `  ${line}`)]
}

/** A text above a command or a path, which is never broken: it is to be copied. */
export function commandLines(text: string, line: string, width: number): string[] {
  return [...wrapText(text, width), `  ${line}`]
}

/**
 * All figures as a table, with headings and names in several lines where the terminal is too narrow for one, and as a list where
 * it is too narrow for that as well.
 */
function figureLines({ figures, cells }: LabResult, options: TextOptions): string[] {
  const keys = Object.keys(figures).filter((key) => cells.some((cell) => cell.figures[key] !== undefined))
  if (keys.length === 0) return []
  const columns = [
    { id: 'case', title: '', align: 'left', cells: cells.map((cell) => [{ text: caseName(cell) }]) } as const,
    ...keys.map((key): TextColumn => ({
      id: key,
      title: titleOf(figures[key]),
      align: 'right',
      cells: cells.map((cell) => [
        { text: cell.figures[key] === undefined ? '–' : significant(cell.figures[key].estimate) },
      ]),
    })),
  ]
  const { lines, width } = renderTable(columns)
  const fitting =
    width - 2 <= options.columns
      ? lines
      : (brokenTable(columns, options.columns) ?? stackRows(columns, options.columns))
  return fitting.map((line) =>
    line.map(({ text, kind }) => (kind === undefined ? text : options.style(kind, text))).join(''),
  )
}

/** Columns of names with fewer characters would be broken too often. */
const LEAST_NAME = 14

/** The table with its headings and the names of its rows in several lines; null where not even that has room. */
function brokenTable([names, ...others]: readonly TextColumn[], width: number): TextSpan[][] | null {
  const textOf = (spans: readonly TextSpan[] = []): string => spans.map(({ text }) => text).join('')
  const widths = others.map(({ title, cells }) =>
    Math.max(8, ...title.split(' ').map(({ length }) => length), ...cells.map((spans) => textOf(spans).length)),
  )
  const room = width - widths.reduce((sum, each) => sum + each + 2, 0)
  if (names === undefined || room < LEAST_NAME) return null
  const headings = others.map(({ title }, index) => wrapText(title, widths[index] ?? 8))
  const headingRows = Math.max(...headings.map(({ length }) => length))
  const nameRows = names.cells.map((spans) => wrapText(textOf(spans), room))
  const column = ({ id, align }: TextColumn, cells: TextColumn['cells']): TextColumn => ({
    id,
    align,
    title: '',
    cells,
  })
  const blank = (count: number): TextSpan[][] => Array.from({ length: count }, () => [{ text: '' }])
  return renderTable([
    column(names, [...blank(headingRows), ...nameRows.flat().map((text) => [{ text }])]),
    ...others.map((each, index) => {
      const heading = headings[index] ?? []
      return column(each, [
        ...heading.map((text): TextSpan[] => [{ text, kind: 'faint' }]),
        ...blank(headingRows - heading.length),
        ...nameRows.flatMap((lines, row) => [...blank(lines.length - 1), each.cells[row] ?? []]),
      ])
    }),
  ]).lines.slice(1)
}

/** The name of a case with its language. */
export function caseName({ language, name }: LabResult['cells'][number]): string {
  return language === 'python' ? `Python: ${name}` : name
}

/** The name of a figure with its unit. */
export function titleOf(facts: LabResult['figures'][string] | undefined): string {
  return facts === undefined ? '' : `${facts.title}${facts.unit === '' ? '' : ` ${facts.unit}`}`
}

/** The words of the trade, each with what it means. */
function wordLines({ words }: LabResult, { columns, style }: TextOptions): string[] {
  if (words.length === 0) return []
  const width = Math.min(columns, 100) - 2
  return [
    style('strong', 'Words'),
    ...words.flatMap(({ word, means }) =>
      wrapText(`${word}: ${means}.`, width).map((line) => style('faint', `  ${line}`)),
    ),
  ]
}

/** What was predicted beside what happened; nothing where nobody was asked. */
function answerLines({ answers, change }: LabResult, { columns, style }: TextOptions): string[] {
  const predicted = answers.filter((answer) => answer.predicted !== null)
  if (predicted.length === 0) return []
  const width = Math.min(columns, 100)
  return [
    style('strong', 'What you expected'),
    ...predicted.flatMap((answer) => {
      const mark = answer.right === null ? style('faint', '?') : answer.right ? style('good', '✓') : style('warn', '→')
      const [first = '', ...rest] = wrapText(answerText(answer), width - 2)
      return [`${mark} ${first}`, ...rest.map((line) => `  ${line}`)]
    }),
    ...wrapText(answersSentence(predicted, change !== null), width),
  ]
}

/** A prediction beside what happened, in a sentence. */
export function answerText({ label, predicted, happened, right, unit }: LabAnswer): string {
  const value = (each: string | number | null): string =>
    each === null ? 'nothing' : typeof each === 'number' ? `${significant(each)} ${unit}`.trimEnd() : each
  if (happened === null) return `${label}: you expected ${value(predicted)}; it could not be measured here.`
  if (right === null) return `${label}: not decided here; you expected ${value(predicted)}, seen: ${value(happened)}.`
  return right
    ? `${label}: ${value(happened)}, as you expected${typeof predicted === 'number' ? ` (${value(predicted)})` : ''}.`
    : `${label}: ${value(happened)}; you expected ${value(predicted)}.`
}

/** Whether the lab ends the belief that it is about: only what its figures decide. */
export function beliefText({ misconception, beliefEnds }: Pick<LabResult, 'misconception' | 'beliefEnds'>): string {
  switch (beliefEnds) {
    case 'confirmed':
      return `It ends the belief that ${misconception}.`
    case 'does not hold here':
      return `It is meant to end the belief that ${misconception}. These figures do not speak against that belief.`
    case 'undecided':
      return `It is meant to end the belief that ${misconception}. These figures do not decide it.`
  }
}

/** How many predictions came true, of those that are decided, kindly; `mayChange`: whether the lab has something to change. */
export function answersSentence(answers: readonly LabAnswer[], mayChange: boolean): string {
  const judged = answers.filter(({ right }) => right !== null)
  const right = judged.filter((answer) => answer.right === true).length
  const open = answers.filter(
    (answer) => answer.right === null && answer.predicted !== null && answer.happened !== null,
  )
  if (judged.length === 0) return open.length === 0 ? '' : 'These figures decide none of it.'
  if (right === judged.length)
    return open.length === 0 ? 'All as you expected.' : 'All that is decided here is as you expected.'
  const next = mayChange ? 'read on, then change one thing and predict again.' : 'read on.'
  return right === 0
    ? `Not as you expected, and so there is something to learn: ${next}`
    : `${right} of ${judged.length} as you expected. The others are where there is something to learn: ${next}`
}
