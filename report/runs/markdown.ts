import { ruleOf } from '../../analysis/comparison/verdict-metrics.ts'
import { CALLS, figureText, NOTHING } from '../figures.ts'
import { escapeMarkdown, markdownTable, thresholdParts } from '../markdown.ts'
import { pairSentences, pairTables, type RunPair } from './pair.ts'

/** Runs side by side as Markdown, for a pull request. */
export function renderRunsMarkdown(pairs: readonly RunPair[]): string {
  return `${pairs.flatMap(pairParts).join('\n\n')}\n`
}

function pairParts(pair: RunPair): string[] {
  const { first, second, comparison } = pair
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n')
  return [
    `# ${escapeMarkdown(second.name)} against ${escapeMarkdown(first.name)}`,
    list(pairSentences(pair)),
    ...thresholdParts(pair.outcomes),
    ...pairTables(pair).flatMap(({ workload, metrics, rows }) => [
      `## ${escapeMarkdown(workload)}`,
      markdownTable(
        ['model', ...metrics.map((metric) => ruleOf(metric).words)],
        rows.map(({ model, cells }) => [
          `**${escapeMarkdown(model)}**`,
          ...cells.map((cell) => (cell === null ? NOTHING : `${figureText(cell.figure)} ${CALLS[cell.call].word}`)),
        ]),
      ),
    ]),
    ...(comparison.comparable
      ? [
          ...(comparison.differences.length === 0 ? [] : ['## What else differs', list(comparison.differences)]),
          '## What to know',
          list(comparison.notes),
        ]
      : []),
  ]
}
