import type { LabResult } from '../../core/lab-record.ts'
import { formatBytes } from '../../core/quantities.ts'
import { escapeMarkdown, markdownTable } from '../markdown.ts'
import { labMarkdownBody } from './markdown.ts'

/** Many labs on one page for teachers and for those who learn by themselves, in teaching order. */
export function renderLabsPage(results: readonly LabResult[]): string {
  const [first] = results
  const machine = first?.manifest.machine
  const parts = [
    '# Labs',
    'Small experiments that run for real, in Node and beside it in Python. Each begins with a question: say what you expect, run it, look at the picture, read the programs (`npx forkwise lab NAME --source`), change one thing, and predict again. A teacher puts the folders of a class on one page with `npx forkwise lab class anna ben …`.',
    'In this order each lab stands on those before it: what computes and what waits (1 to 4), who does the work (5 to 7), what a measurement hides (8), what is shared (9 to 11), what goes wrong (12, 13), what it costs (14) and how it is deployed (15).',
    ...(machine === undefined
      ? []
      : [
          `All figures on this page were measured by \`npm run docs:labs\` on ${machine.cores} cores of ${escapeMarkdown(machine.cpu)}, ${formatBytes(machine.memoryBytes)}, Node ${machine.node}, ${first?.manifest.python ?? 'no Python'}, on ${first?.manifest.createdAt.slice(0, 10)}${results.every(({ manifest }) => manifest.quick) ? ', with `--quick`' : ''}. Yours will differ; the report of your own run says whether what the texts say is so on your machine.`,
        ]),
    labsTable(results),
    ...results.flatMap((result) => [
      `## ${result.number}. ${escapeMarkdown(result.title)}`,
      `\`npx forkwise lab ${result.manifest.lab}\``,
      escapeMarkdown(result.question),
      ...labMarkdownBody(result),
    ]),
  ]
  return `${parts.join('\n\n')}\n`
}

/** Each lab with where it is from and what was measured of it: its first claim. */
export function labsTable(results: readonly LabResult[]): string {
  return markdownTable(
    ['lab', 'from', 'measured here'],
    results.map(({ manifest, source, claims }) => [
      `\`${manifest.lab}\``,
      escapeMarkdown(source),
      claims[0] === undefined ? '–' : `${escapeMarkdown(claims[0].sentence)} (${claims[0].outcome})`,
    ]),
  )
}
