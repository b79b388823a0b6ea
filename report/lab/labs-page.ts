import type { LabResult, LabWord } from '../../core/lab-record.ts'
import { coresText, formatBytes } from '../../core/quantities.ts'
import { escapeMarkdown, markdownTable } from '../markdown.ts'
import { labMarkdownBody, markdownProse } from './markdown.ts'

/** Many labs on one page for teachers and for those who learn by themselves, in teaching order. */
export function renderLabsPage(results: readonly LabResult[]): string {
  const [first] = results
  const machine = first?.manifest.machine
  const parts = [
    '# Labs',
    'Small experiments that run for real, in Node and beside it in Python. Each begins with a question: say what you expect, run it, look at the picture, read the programs (`npx forkwise lab NAME --source`), change the one thing that most of them let you change, and predict again. A teacher puts the folders of a class on one page with `npx forkwise lab class anna ben …`.',
    'Each lab stands on those before it: what computes and what waits, who does the work, what is shared, what goes wrong, what it costs. `npx forkwise lab` lists all; this page has those that were recorded.',
    ...(machine === undefined
      ? []
      : [
          `All figures on this page are of real runs on ${coresText(machine.cores)} of ${escapeMarkdown(machine.cpu)}, ${formatBytes(machine.memoryBytes)}, Node ${machine.node}, ${first?.manifest.python ?? 'no Python'}, on ${first?.manifest.createdAt.slice(0, 10)}${results.every(({ manifest }) => manifest.quick) ? ', with `--quick`' : ''}. Yours will differ; the report of your own run says whether what the texts say is so on your machine.`,
        ]),
    labsTable(results),
    ...results.flatMap((result, index) => [
      `## ${result.number}. ${escapeMarkdown(result.title)}`,
      `\`npx forkwise lab ${result.manifest.lab}\``,
      markdownProse(result.question),
      ...labMarkdownBody(result, newWords(result, results.slice(0, index))),
    ]),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The words that no lab before has explained. */
function newWords({ words }: LabResult, before: readonly LabResult[]): readonly LabWord[] {
  const known = new Set(before.flatMap((result) => result.words.map(({ word }) => word)))
  return words.filter(({ word }) => !known.has(word))
}

/** Each lab with where it is from and what was measured of it: its first claim. */
export function labsTable(results: readonly LabResult[]): string {
  return markdownTable(
    ['lab', 'from', 'measured here'],
    results.map(({ manifest, source, claims }) => [
      `\`${manifest.lab}\``,
      escapeMarkdown(source),
      claims[0] === undefined ? '–' : `${markdownProse(shortSentence(claims[0].sentence))} (${claims[0].outcome})`,
    ]),
  )
}

/** Most characters of a sentence in the table. */
const MOST_CHARACTERS = 150

/** A sentence cut between two of its words, never within code. */
function shortSentence(sentence: string): string {
  if (sentence.length <= MOST_CHARACTERS) return sentence
  let cut = sentence.slice(0, MOST_CHARACTERS)
  if (cut.split('`').length % 2 === 0) cut = cut.slice(0, cut.lastIndexOf('`'))
  return `${cut.slice(0, cut.lastIndexOf(' ')).replace(/[ ,;]+$/, '')} …`
}
