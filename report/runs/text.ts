import { ruleOf } from '../../analysis/comparison/verdict-metrics.ts'
import { bareText, CALLS } from '../figures.ts'
import { plainText } from '../../core/plain-text.ts'
import { shortened } from '../../core/quotes.ts'
import { renderTable, stackRows, type TextColumn, wrapText } from '../table.ts'
import { type TextOptions, thresholdLines } from '../text.ts'
import { type PairTable, pairSentences, pairTables, type RunPair } from './pair.ts'

/** Runs side by side for a terminal: what changed in words, the ratios, and what else differs. */
export function renderRunsText(pairs: readonly RunPair[], options: Pick<TextOptions, 'columns' | 'style'>): string {
  return pairs.map((pair) => pairText(pair, options)).join('\n\n')
}

function pairText(pair: RunPair, options: Pick<TextOptions, 'columns' | 'style'>): string {
  const { columns, style } = options
  const { first, second, comparison } = pair
  const bullets = (lines: readonly string[]): string[] =>
    lines.flatMap((line) =>
      wrapText(plainText(line), Math.min(columns, 110) - 2).map((part, index) => `${index === 0 ? '•' : ' '} ${part}`),
    )
  const headings = (line: string): string[] => wrapText(plainText(line), columns).map((part) => style('strong', part))
  const sections = [
    [...headings(`${second.name} against ${first.name}`), ...bullets(pairSentences(pair))],
    thresholdLines(pair.outcomes, options),
    ...pairTables(pair).map((table) => [
      ...headings(`${table.workload}: ${second.name} / ${first.name}`),
      ...tableLines(table, columns).map((line) =>
        line.map((span) => (span.kind === undefined ? span.text : style(span.kind, span.text))).join(''),
      ),
    ]),
    ...(comparison.comparable
      ? [
          comparison.differences.length === 0
            ? []
            : [...headings('What else differs'), ...bullets(comparison.differences)],
          [...headings('What to know'), ...bullets(comparison.notes)],
        ]
      : []),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

const CALL_STYLE = { better: 'good', worse: 'bad', same: 'faint', inconclusive: 'warn' } as const

function tableLines({ metrics, rows }: PairTable, columns: number): ReturnType<typeof stackRows> {
  const column = (index: number, interval: boolean): TextColumn => ({
    id: metrics[index] ?? '',
    title: ruleOf(metrics[index] ?? 'throughput').words,
    align: 'right',
    cells: rows.map(({ cells }) => {
      const cell = cells[index] ?? null
      if (cell === null) return [{ text: bareText(null) }]
      const bounds = cell.figure.interval
      return [
        { text: bareText({ ...cell.figure, interval: null }) },
        { text: interval && bounds !== null ? ` (${bounds})` : '', kind: 'faint' },
        { text: ` ${CALLS[cell.call].word}`, kind: CALL_STYLE[cell.call] },
      ]
    }),
  })
  const model: TextColumn = {
    id: 'model',
    title: 'model',
    align: 'left',
    cells: rows.map((row) => [{ text: shortened(plainText(row.model)), kind: 'accent' }]),
  }
  for (const interval of [true, false]) {
    const table = renderTable([model, ...metrics.map((_, index) => column(index, interval))])
    if (table.width <= columns) return table.lines
  }
  return stackRows([model, ...metrics.map((_, index) => column(index, true))], columns)
}
