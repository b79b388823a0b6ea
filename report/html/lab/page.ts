import { boundsOf } from '../../../core/estimate.ts'
import type { LabClaim, LabResult } from '../../../core/lab-record.ts'
import { coresText, formatBytes, significant } from '../../../core/quantities.ts'
import { answersSentence, answerText, beliefText, caseName, titleOf } from '../../lab/text.ts'
import type { Section } from '../context.ts'
import { tableOf } from '../figure.ts'
import { markup, type Markup, prose } from '../markup.ts'
import { renderPage } from '../page.ts'
import { labPictures } from './pictures.ts'

/** The result of a lab as one HTML file that needs nothing else; its traces can be replayed slowly. */
export function renderLabHtml(result: LabResult): string {
  const { manifest } = result
  return renderPage({
    title: `Lab ${result.number}: ${result.title}`,
    kicker: `Forkwise · ${manifest.createdAt.slice(0, 10)} · ${manifest.machine.cpu}, ${coresText(manifest.machine.cores)}`,
    sections: [
      {
        id: 'pictures',
        title: result.question,
        short: 'What happened',
        body: labPictures(result.pictures),
      },
      ...wordSections(result),
      ...predictionSections(result),
      {
        id: 'shows',
        title: 'What it shows',
        body: markup`<p class="lead">${prose(result.paragraph)}</p><p>${prose(beliefText(result))} From: ${result.source}.</p>`,
      },
      { id: 'claims', title: 'Is it so here?', body: claimList(result.claims) },
      { id: 'figures', title: 'All figures', short: 'Figures', body: figureTable(result) },
      { id: 'next', title: 'What next', body: nextBody(result) },
      setupSection(result),
    ],
    foot: 'Made by Forkwise from the results folder of the lab.',
    also: { style: 'lab/lab.css', script: 'lab/lab.js' },
  })
}

function wordSections({ words }: LabResult): Section[] {
  if (words.length === 0) return []
  return [
    {
      id: 'words',
      title: 'Words',
      body: markup`<dl class="words">${words.map(({ word, means }) => markup`<dt>${word}</dt><dd>${prose(means)}</dd>\n`)}</dl>`,
    },
  ]
}

function predictionSections({ answers, change }: LabResult): Section[] {
  const predicted = answers.filter((answer) => answer.predicted !== null)
  if (predicted.length === 0) return []
  return [
    {
      id: 'predictions',
      title: 'What you expected',
      body: markup`<ul class="notes">${predicted.map((answer) => markup`<li class="${answer.right === null ? 'open' : answer.right ? 'came-true' : 'surprise'}">${answerText(answer)}</li>\n`)}</ul><p>${answersSentence(predicted, change !== null)}</p>`,
    },
  ]
}

const CALLS: Readonly<Record<LabClaim['outcome'], string>> = {
  confirmed: 'better',
  'does not hold here': 'worse',
  undecided: 'inconclusive',
}

function claimList(claims: readonly LabClaim[]): Markup {
  return markup`<ul class="notes">${claims.map(({ outcome, sentence }) => markup`<li><span class="call ${CALLS[outcome]}">${outcome}</span> ${prose(sentence)}</li>\n`)}</ul>`
}

function figureTable({ figures, cells }: LabResult): Markup {
  const keys = Object.keys(figures).filter((key) => cells.some((cell) => cell.figures[key] !== undefined))
  return tableOf(
    {
      stacks: true,
      headings: ['what', ...keys.map((key) => titleOf(figures[key])), 'repetitions'],
      rows: cells.map((cell) => [
        caseName(cell),
        ...keys.map((key) => {
          const figure = cell.figures[key]
          if (figure === undefined) return '–'
          const [low, high] = boundsOf(figure)
          const interval = low === null || high === null ? '' : ` (${significant(low)}–${significant(high)})`
          return `${significant(figure.estimate)}${interval}`
        }),
        String(Math.max(0, ...Object.values(cell.figures).map(({ values }) => values.length))),
      ]),
    },
    'All figures: medians with 95 % intervals',
  )
}

function nextBody({ change, servers, manifest }: LabResult): Markup {
  const source = `npx forkwise lab ${manifest.lab} --source`
  return markup`${change === null ? null : markup`<h3>Change one thing</h3><p>${prose(change.help)}</p>${commandBlock(change.line)}`}
<h3>Read what ran</h3><p>The programs of this lab are short and made to be read.</p>${commandBlock(source)}
<h3>Where it matters for servers</h3><p>${prose(servers.text)}</p>${commandBlock(servers.line)}`
}

function commandBlock(line: string): Markup {
  return markup`<pre tabindex="0"><code>${line}</code></pre>`
}

function setupSection({ manifest }: LabResult): Section {
  const { machine } = manifest
  const facts: [string, string][] = [
    ['Machine', `${machine.cpu}, ${coresText(machine.cores)}, ${formatBytes(machine.memoryBytes)}`],
    ['System', `${machine.platform}, ${machine.kernel}`],
    ['Node', machine.node],
    ['Python', manifest.python ?? 'none'],
    ['Forkwise', manifest.forkwiseVersion],
    ['Made', manifest.createdAt],
    ['Seed', String(manifest.seed)],
    ...(manifest.change === null ? [] : [[manifest.change.name, String(manifest.change.value)] as [string, string]]),
  ]
  return {
    id: 'setup',
    title: 'Where it ran, and how to do it again',
    short: 'Setup',
    body: markup`<dl class="facts">${facts.map(([term, fact]) => markup`<dt>${term}</dt><dd>${fact}</dd>\n`)}</dl>
${manifest.lacks.length === 0 ? null : markup`<ul class="notes">${manifest.lacks.map(({ what, remedy }) => markup`<li>${prose(`${what} ${remedy}`)}</li>\n`)}</ul>`}
<h3>Again</h3>${commandBlock(manifest.command)}`,
  }
}
