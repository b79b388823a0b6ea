import type { LabAnswer, LabClaim, LabResult } from '../../core/lab-record.ts'
import { significant } from '../../core/quantities.ts'
import { tableOf } from '../html/figure.ts'
import { type LeftOut, leftOutSections } from '../html/left-out.ts'
import { markup, type Markup, prose } from '../html/markup.ts'
import { renderPage } from '../html/page.ts'
import { wrapText } from '../table.ts'
import type { TextOptions } from '../text.ts'

/** One reader's run of a lab. */
export interface ReaderRun {
  /** How the reader is called: the name of the folder. */
  readonly reader: string
  readonly result: LabResult
}

/** What a class predicted to one question, and what happened on its machines. */
export interface ClassQuestion {
  readonly label: string
  readonly unit: string
  /** Readers that predicted something that their figures decide. */
  readonly predicted: number
  readonly right: number
  readonly readers: readonly { readonly reader: string; readonly answer: LabAnswer }[]
}

/** One lab of a class. */
export interface ClassLab {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly runs: readonly ReaderRun[]
  readonly questions: readonly ClassQuestion[]
  /** Claims, with how many machines each outcome was seen on. */
  readonly claims: readonly {
    readonly id: string
    readonly outcomes: Readonly<Record<string, number>>
    readonly readers: readonly { readonly reader: string; readonly claim: LabClaim }[]
  }[]
}

/** The runs of a class by lab, in teaching order. */
export function classLabs(runs: readonly ReaderRun[]): ClassLab[] {
  const ids = [...new Set(runs.map(({ result }) => result.manifest.lab))]
  return ids
    .flatMap((id) => {
      const own = runs.filter(({ result }) => result.manifest.lab === id)
      const first = own[0]?.result
      return first === undefined ? [] : [labOf(id, first, own)]
    })
    .toSorted((a, b) => a.number - b.number)
}

function labOf(id: string, first: LabResult, runs: readonly ReaderRun[]): ClassLab {
  const asked = [...new Map(runs.flatMap(({ result }) => result.answers.map((answer) => [answer.id, answer]))).values()]
  const claimIds = [...new Set(runs.flatMap(({ result }) => result.claims.map((claim) => claim.id)))]
  return {
    id,
    number: first.number,
    title: first.title,
    runs,
    questions: asked.map(({ id: question, label, unit }) => {
      const readers = runs.flatMap(({ reader, result }) => {
        const answer = result.answers.find((each) => each.id === question)
        return answer === undefined ? [] : [{ reader, answer }]
      })
      const judged = readers.filter(({ answer }) => answer.right !== null)
      return {
        label,
        unit,
        readers,
        predicted: judged.length,
        right: judged.filter(({ answer }) => answer.right === true).length,
      }
    }),
    claims: claimIds.map((claimId) => {
      const readers = runs.flatMap(({ reader, result }) =>
        result.claims.filter((claim) => claim.id === claimId).map((claim) => ({ reader, claim })),
      )
      const outcomes: Record<string, number> = {}
      for (const { claim } of readers) outcomes[claim.outcome] = (outcomes[claim.outcome] ?? 0) + 1
      return { id: claimId, outcomes, readers }
    }),
  }
}

/** A class in a terminal: how many were right about each question. */
export function renderClassText(labs: readonly ClassLab[], options: TextOptions): string {
  const width = Math.min(options.columns, 100)
  return [
    ...labs.map(({ number, title, runs, questions }) =>
      [
        options.style('strong', `Lab ${number}: ${title} (${runs.length} ${runs.length === 1 ? 'reader' : 'readers'})`),
        ...questions.flatMap((question) => wrapText(`  ${question.label}: ${rightText(question)}`, width)),
      ].join('\n'),
    ),
    ...(options.folder === undefined ? [] : [`The page: ${options.folder}`]),
  ].join('\n\n')
}

/** `3 of 5 were right`. */
function rightText({ predicted, right, readers }: ClassQuestion): string {
  if (predicted > 0) return `${right} of ${predicted} were right`
  return readers.some(({ answer }) => answer.predicted !== null && answer.happened !== null)
    ? 'not decided on these machines'
    : 'nobody predicted'
}

/** A class on one page: predictions against outcomes, question by question. */
export function renderClassHtml(labs: readonly ClassLab[], leftOut: readonly LeftOut[] = []): string {
  const readers = new Set(labs.flatMap(({ runs }) => runs.map(({ reader }) => reader)))
  return renderPage({
    title: 'What the class expected, and what happened',
    kicker: `Forkwise · ${readers.size} ${readers.size === 1 ? 'reader' : 'readers'} · ${labs.length} ${labs.length === 1 ? 'lab' : 'labs'}`,
    sections: [
      ...labs.map((lab) => ({
        id: `lab-${lab.id}`,
        title: `Lab ${lab.number}: ${lab.title}`,
        short: `${lab.number} ${lab.id}`,
        body: labBody(lab),
      })),
      ...leftOutSections(leftOut),
    ],
    foot: 'Made by Forkwise from the results folders of the readers.',
    also: { style: 'lab/lab.css', script: 'lab/lab.js' },
  })
}

function labBody({ runs, questions, claims, title }: ClassLab): Markup {
  return markup`${
    questions.length === 0
      ? null
      : tableOf(
          {
            stacks: true,
            headings: ['question', 'right', ...runs.map(({ reader }) => reader)],
            rows: questions.map((question) => [
              prose(question.label),
              question.predicted === 0 ? '–' : `${question.right} of ${question.predicted}`,
              ...runs.map(({ reader }) => answerCell(question, reader)),
            ]),
          },
          `Predictions of ${title}`,
        )
  }
<h3>Is it so?</h3>
<ul class="notes">${claims.map(claimItem)}</ul>`
}

/** How many machines showed what, and what each reader's own figures are. */
function claimItem({ outcomes, readers }: ClassLab['claims'][number]): Markup {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} × ${outcome}`)
  return markup`<li>${counts.join(', ')}<ul>${readers.map(
    ({ reader, claim }) => markup`<li><b>${reader}</b> (${claim.outcome}): ${prose(claim.sentence)}</li>\n`,
  )}</ul></li>\n`
}

function answerCell({ readers, unit }: ClassQuestion, reader: string): Markup {
  const answer = readers.find((each) => each.reader === reader)?.answer
  if (answer === undefined) return markup`–`
  const [tone, mark] = MARKS[String(answer.right)] ?? ['faint', '']
  const expected = answer.predicted === null ? 'no prediction' : valueText(answer.predicted, unit)
  const happened = answer.happened === null ? 'not measured' : valueText(answer.happened, unit)
  const isOpen = answer.predicted !== null && answer.happened !== null && answer.right === null
  return markup`<span class="tone ${tone}">${`${mark}${expected}`}</span>; <span class="note">seen: ${happened}${isOpen ? ', not decided here' : ''}</span>`
}

/** How an answer looks by whether it was right: a colour and a sign. */
const MARKS: Readonly<Record<string, readonly [tone: string, mark: string]>> = {
  true: ['good', '✓ '],
  false: ['bad', '→ '],
}

function valueText(value: string | number, unit: string): string {
  return typeof value === 'number' ? `${significant(value)} ${unit}`.trimEnd() : value
}
