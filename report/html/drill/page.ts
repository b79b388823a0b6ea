import type { DrillPoint, DrillResult } from '../../../core/drill-record.ts'
import { runbookLine } from '../../drill/debrief.ts'
import { endSentence, judgementLines, scoreSentences, sinceFault, timeLine } from '../../drill/wording.ts'
import { figure, plot, tableOf } from '../figure.ts'
import { markup, type Markup, prose } from '../markup.ts'
import { renderPage } from '../page.ts'

/** Size of the picture, in CSS pixels. */
const SIZE = { width: 900, height: 240 } as const

/** Its latency axis, in ms, on a log scale. */
const AXIS_MS = [1, 10, 100, 1000, 10_000] as const

/** The result of a drill on a page of its own. */
export function renderDrillHtml(result: DrillResult): string {
  const { manifest, debrief, answers, score, judgement } = result
  const notes = (lines: readonly string[]): Markup =>
    markup`<ul class="notes">${lines.map((line) => markup`<li>${prose(line)}</li>\n`)}</ul>`
  const fix = (title: string, { lines, why }: { readonly lines: readonly string[]; readonly why: string }): Markup =>
    markup`<h3>${title}</h3><p>${lines.map((line) => markup`<code>${line}</code> `)}</p><p>${prose(why)}</p>`
  return renderPage({
    title: `Drill ${result.number}: ${result.title}`,
    kicker: `Forkwise ${manifest.forkwiseVersion} · ${manifest.createdAt} · ${manifest.machine.cpu}, ${manifest.machine.cores} cores`,
    sections: [
      {
        id: 'result',
        title: 'How it went',
        body: markup`<blockquote>${prose(result.page)}</blockquote>
<p><strong>${endSentence(result)}${score.points === null ? '' : ` ${score.points} of 100 points.`}</strong></p>
<p>${prose(result.goal)}</p>${judgement === null ? null : notes(judgementLines(judgement))}${notes(scoreSentences(score))}`,
      },
      { id: 'time', title: 'What happened', body: markup`${picture(result)}${happened(result)}` },
      {
        id: 'diagnosis',
        title: 'The diagnosis',
        body: tableOf(
          {
            headings: ['question', 'answered', 'right', 'why'],
            rows: answers.map(({ question, given, right, why }) => [question, given ?? '–', right, why]),
            sentences: [3],
          },
          'The diagnosis',
        ),
      },
      {
        id: 'debrief',
        title: 'Debrief',
        body: markup`<p>${prose(debrief.fault)}</p>${notes(debrief.showed)}${fix('The reference fix', debrief.reference)}${fix('Another fix', debrief.other)}${fix('A typical wrong turn', debrief.wrongTurn)}
<p>${prose(runbookLine(debrief))}</p><p>${prose(`Where it does not happen: ${debrief.model}`)}</p><p><strong>${debrief.lesson}</strong></p>`,
      },
    ],
    foot: markup`Made again by <code>${manifest.command}</code>`,
  })
}

function happened({ acts }: DrillResult): Markup {
  return tableOf(
    {
      headings: ['since the fault', 'what'],
      rows: timeLine(acts).map(({ atS, text }) => [sinceFault(atS), text]),
      sentences: [1],
    },
    'What happened',
  )
}

/** p99 second by second, with the requests that were lost, and the acts as lines. */
function picture({ seconds, acts }: DrillResult): Markup {
  const faultS = acts.find(({ kind }) => kind === 'fault')?.atS ?? 0
  const last = Math.max(1, ...seconds.map(({ atS }) => atS))
  const x = (atS: number): number => 50 + (atS / last) * (SIZE.width - 60)
  const y = (ms: number): number => {
    const share = Math.log10(Math.min(10_000, Math.max(1, ms))) / 4
    return SIZE.height - 30 - share * (SIZE.height - 50)
  }
  const drawn = seconds.filter((point): point is DrillPoint & { p99Ms: number } => point.p99Ms !== null)
  const path = drawn.map(({ atS, p99Ms }, place) => markup`${place === 0 ? 'M' : 'L'}${x(atS)} ${y(p99Ms)}`)
  const marks = acts.filter(({ kind }) => kind === 'fault' || kind === 'lever' || kind === 'over')
  const content = markup`${AXIS_MS.map(
    (ms) =>
      markup`<line class="grid" x1="50" x2="${SIZE.width - 10}" y1="${y(ms)}" y2="${y(ms)}"/><text class="tick" x="44" y="${y(ms) + 4}" text-anchor="end">${ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`}</text>`,
  )}${seconds
    .filter(({ lost }) => lost > 0)
    .map(({ atS }) => markup`<circle class="mark bad" cx="${x(atS)}" cy="14" r="3"/>`)}${marks.map(
    ({ atS }) => markup`<line class="axis" x1="${x(atS)}" x2="${x(atS)}" y1="8" y2="${SIZE.height - 30}"/>`,
  )}<path class="line" fill="none" stroke="currentColor" d="${path}"/><text class="tick" x="${x(faultS)}" y="${SIZE.height - 12}">fault</text>`
  return figure({
    id: 'p99',
    title: 'p99 of each second, on a log scale',
    note: 'Lines: the fault, levers, the end. Dots above: seconds in which requests were lost.',
    svg: plot('p99', SIZE, 'p99 of each second', content),
    table: {
      headings: ['s since the fault', 'answered', 'lost', 'late', 'p99'],
      rows: seconds.map(({ atS, answered, lost, late, p99Ms }) => [
        String(Math.round(atS - faultS)),
        String(answered),
        String(lost),
        String(late),
        p99Ms === null ? '–' : `${p99Ms.toFixed(0)} ms`,
      ]),
    },
    wide: true,
  })
}
