import { cellName, countText, listText } from '../analysis/wording.ts'
import { plainText } from '../core/plain-text.ts'
import { shortened } from '../core/quotes.ts'
import { ANSWER_TITLE, answerLines } from './answers.ts'
import type { AssertionOutcome } from './assertion-outcome.ts'
import type { Result, ResultCell } from '../core/records.ts'
import { EFFICIENCY_NOTE, imbalance, markWords, shareFigure, workloadFigures, type WorkloadFigures } from './figures.ts'
import { type TextSpan, wrapText } from './table.ts'
import { validityNotes } from './notes.ts'
import { workloadTable } from './workload-table.ts'

/** What a piece of text stands for; the caller decides how that looks and gives the text back, coloured or not. */
export type TextStyle = (kind: 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'accent', text: string) => string

/** How the text is to be laid out. */
export interface TextOptions {
  /** Width of the terminal. Tables lose their less important columns below about 140; under 60 they turn into lists. */
  readonly columns: number
  readonly style: TextStyle
  /** The results folder, named at the end. */
  readonly folder?: string
  /** Titles of workloads by id, where known. */
  readonly titles?: Readonly<Record<string, string>>
  /** What became of the thresholds that were asserted. */
  readonly outcomes?: readonly AssertionOutcome[]
}

/** The result for a terminal: the verdict in words, a table per workload, what to doubt, and where the files are. */
export function renderText(result: Result, options: TextOptions): string {
  const sections = [
    verdictSection(result, options),
    thresholdLines(options.outcomes ?? [], options),
    ...workloadFigures(result).map((workload) => workloadSection(result, workload, options)),
    legendSection(result, options),
    sharesSection(result, options),
    answersSection(result, options),
    unavailableSection(result, options),
    notesSection(result, options),
    options.folder === undefined
      ? []
      : wrapText(
          `Files in ${plainText(options.folder)}: report.html, report.md, result.json, trials.ndjson`,
          options.columns,
        ),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function verdictSection(result: Result, options: TextOptions): string[] {
  const { style } = options
  const pilot =
    result.kind === 'pilot'
      ? bullets(['A pilot: too short to settle anything; it shows the direction.'], options, 'warn')
      : []
  const workloads = result.validity.withheld
  const withheld =
    workloads.length === 0
      ? []
      : bullets(
          [`Verdicts on ${listText(workloads)} are withheld: see what to know about this run, below.`],
          options,
          'warn',
        )
  return [
    style('strong', 'Verdict'),
    ...pilot,
    ...withheld,
    ...result.summary.flatMap((sentence) => sentenceLines(sentence, options)),
  ]
}

/** The first clause of a sentence is what was found; the rest follows faintly. */
function sentenceLines(sentence: string, options: TextOptions): string[] {
  const [first = '', ...rest] = sentence.split('; ')
  const width = Math.min(options.columns, 110) - 2
  const more = rest.flatMap((clause, index) =>
    wrapText(plainText(index === rest.length - 1 ? clause : `${clause};`), width),
  )
  return [
    ...bullets([rest.length === 0 ? first : `${first};`], options),
    ...more.map((line) => options.style('faint', `  ${line}`)),
  ]
}

/** What became of thresholds, under a heading; nothing where there were none. */
export function thresholdLines(
  outcomes: readonly AssertionOutcome[],
  options: Pick<TextOptions, 'columns' | 'style'>,
): string[] {
  if (outcomes.length === 0) return []
  const lines = outcomes.flatMap(({ text, outcome, because }) => {
    const kind = ({ passed: 'good', failed: 'bad', undecided: 'warn' } as const)[outcome]
    const [first = '', ...rest] = wrapText(`${outcome}: ${plainText(text)}. ${plainText(because)}`, options.columns - 2)
    const words = first.slice(outcome.length)
    return [`• ${options.style(kind, outcome)}${words}`, ...rest.map((line) => `  ${line}`)]
  })
  return [...heading('Thresholds', options), ...lines]
}

function workloadSection(result: Result, workload: WorkloadFigures, options: TextOptions): string[] {
  const { style, columns } = options
  const title = options.titles?.[workload.workload]
  const name = shortened(plainText(workload.workload))
  const facts = [
    countText(result.workers, 'worker'),
    ...(workload.connections === null ? [] : [workload.connections]),
    workload.latencyRate === null ? 'no latencies measured' : `latencies at ${workload.latencyRate}`,
    ...(workload.latencyRate === null || workload.rateReason === null ? [] : [workload.rateReason]),
    ...(workload.cells.every(({ cell }) => cell.blocks > 0 && cell.errors + cell.timeouts === 0) ? ['no errors'] : []),
    ...(workload.cells.some(({ efficiency }) => efficiency !== null) ? [EFFICIENCY_NOTE] : []),
  ]
  return [
    ...heading(title === undefined ? name : `${name}: ${plainText(title)}`, options),
    ...styled(workloadTable(result, workload, columns), options),
    ...wrapText(facts.join(', '), columns).map((line) => style('faint', line)),
  ]
}

function legendSection(result: Result, { columns, style }: TextOptions): string[] {
  if (result.verdicts.length === 0) return []
  const confidence = Math.round(100 * (result.verdicts[0]?.ratio.confidence ?? 0.95))
  const marks = markWords(result.verdicts).map(({ mark, words }) => `${mark} ${words}`)
  const legend = `In brackets: ${confidence} % intervals, – where not known. Beside a figure, compared with ${plainText(result.baseline)}: ${marks.join(', ')}.`
  return wrapText(legend, columns).map((line) => style('faint', line))
}

function sharesSection(result: Result, options: TextOptions): string[] {
  const lines = workloadFigures(result).flatMap(({ workload, cells }) => {
    const shares = cells.filter(({ cell }) => cell.workerShare.length > 1).map(({ cell }) => sharesOf(cell))
    return shares.length === 0 ? [] : [`${workload}: ${shares.join('; ')}`]
  })
  return lines.length === 0
    ? []
    : [...heading('Share of the requests per worker, in %', options), ...bullets(lines, options)]
}

function sharesOf({ model, workerShare }: ResultCell): string {
  const shown = workerShare.slice(0, 8).map((share) => shareFigure(share).value)
  const rest = workerShare.length > shown.length ? ' …' : ''
  const uneven = (imbalance(workerShare) ?? 0) > UNEVEN ? ' (uneven)' : ''
  return `${model} ${shown.join(' ')}${rest}${uneven}`
}

/** The busiest worker has this much more than the mean before the text calls the shares uneven. */
const UNEVEN = 0.2

function answersSection(result: Result, options: TextOptions): string[] {
  const lines = answerLines(workloadFigures(result), options.columns)
  return lines.length === 0 ? [] : [...heading(ANSWER_TITLE, options), ...styled(lines, options)]
}

function unavailableSection(result: Result, options: TextOptions): string[] {
  if (result.unavailable.length === 0) return []
  return [
    ...heading('Not measured here', options),
    ...bullets(
      result.unavailable.map(
        ({ reason, remedy, ...cell }) => `${cellName(cell)}: ${reason}${remedy === '' ? '' : ` To have it: ${remedy}`}`,
      ),
      options,
    ),
  ]
}

function notesSection(result: Result, options: TextOptions): string[] {
  const notes = validityNotes(result)
  if (notes.length === 0) return []
  return [
    ...heading('What to know about this run', options),
    ...notes.flatMap((note) => bullets([note.text], options, note.grave ? 'warn' : undefined)),
  ]
}

function heading(text: string, { columns, style }: Pick<TextOptions, 'columns' | 'style'>): string[] {
  return wrapText(text, columns).map((line) => style('strong', line))
}

function styled(lines: readonly (readonly TextSpan[])[], { style }: TextOptions): string[] {
  return lines.map((line) => line.map(({ kind, text }) => (kind === undefined ? text : style(kind, text))).join(''))
}

function bullets(sentences: readonly string[], { columns, style }: TextOptions, kind?: 'warn'): string[] {
  return sentences.flatMap((sentence) =>
    wrapText(plainText(sentence), Math.min(columns, 110) - 2).map((line, index) => {
      const text = `${index === 0 ? '•' : ' '} ${line}`
      return kind === undefined ? text : style(kind, text)
    }),
  )
}
