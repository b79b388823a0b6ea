import { ruleOf } from '../../analysis/comparison/verdict-metrics.ts'
import { CALLS, figureText, NOTHING, ratioFigure } from '../figures.ts'
import { forest } from '../html/charts/forest.ts'
import { type Section, slug } from '../html/context.ts'
import { figure, tableOf } from '../html/figure.ts'
import { markup, type Markup, prose } from '../html/markup.ts'
import { renderPage } from '../html/page.ts'
import { lookOf } from '../html/palette.ts'
import { thresholdsSection } from '../html/sections/thresholds.ts'
import { type PairTable, pairSentences, pairTables, type RunPair } from './pair.ts'

/** Runs side by side as one HTML file that needs nothing else. */
export function renderRunsHtml(pairs: readonly RunPair[]): string {
  const [pair] = pairs
  const title =
    pairs.length === 1 && pair !== undefined
      ? `${pair.second.name} against ${pair.first.name}`
      : `${pairs.length + 1} runs side by side`
  return renderPage({
    title,
    kicker: `Forkwise · ${pairs.map(({ second }) => second.createdAt.slice(0, 10)).join(', ')} against ${pair?.first.createdAt.slice(0, 10) ?? ''}`,
    sections: pairs.map(pairSection),
    foot: 'Made by Forkwise from the results folders of the runs.',
  })
}

function pairSection(pair: RunPair, place: number): Section {
  const { first, second, comparison } = pair
  const tables = pairTables(pair)
  const thresholds = thresholdsSection(pair.outcomes)
  return {
    id: slug(second.name, place),
    title: `${second.name} against ${first.name}`,
    body: markup`${comparison.comparable ? null : markup`<p class="banner bad"><strong>These runs cannot be compared.</strong></p>`}
<ul class="sentences">${pairSentences(pair).map((sentence) => markup`<li>${prose(sentence)}</li>\n`)}</ul>
${thresholds === null ? null : markup`<h3>${thresholds.title}</h3>${thresholds.body}`}
<div class="facets">${tables.map((table, index) => facet(pair, table, `pair-${place + 1}-${slug(table.workload, index)}`))}</div>
${
  comparison.comparable
    ? markup`<h3>What else differs</h3>${comparison.differences.length === 0 ? markup`<p>Nothing that is known of.</p>` : markup`<ul class="notes">${comparison.differences.map((line) => markup`<li>${line}</li>`)}</ul>`}
<h3>What to know</h3><ul class="notes">${comparison.notes.map((line) => markup`<li>${prose(line)}</li>`)}</ul>
${reasons(tables)}`
    : null
}`,
  }
}

function facet({ first, second }: RunPair, { workload, metrics, rows }: PairTable, id: string): Markup {
  const groups = metrics.map((metric, index) => ({
    title: `${ruleOf(metric).words} (${ruleOf(metric).higherIsBetter ? 'more' : 'less'} is better)`,
    same: [1 / (1 + ruleOf(metric).threshold), 1 + ruleOf(metric).threshold] as const,
    rows: rows.flatMap(({ model, cells }, place) => {
      const cell = cells[index] ?? null
      if (cell === null) return []
      const short = `${figureText(ratioFigure(cell.row.ratio.estimate))} ${CALLS[cell.call].word}`
      const { estimate, low, high } = cell.row.ratio
      return [
        {
          name: model,
          look: lookOf(place),
          call: cell.call,
          estimate,
          low,
          high,
          label: short,
          title: `${model}: ${figureText(cell.figure)}`,
        },
      ]
    }),
  }))
  return figure({
    id,
    title: workload,
    svg: forest(
      id,
      `Ratios of ${second.name} to ${first.name} under ${workload}; the table below has them.`,
      `times ${first.name}, log axis`,
      groups,
    ),
    table: {
      headings: ['model', ...metrics.map((metric) => ruleOf(metric).words)],
      rows: rows.map(({ model, cells }) => [
        model,
        ...cells.map((cell) => (cell === null ? NOTHING : `${figureText(cell.figure)} ${CALLS[cell.call].word}`)),
      ]),
    },
  })
}

function reasons(tables: readonly PairTable[]): Markup {
  return markup`<details><summary>Every comparison, with its reason</summary>${tableOf(
    {
      headings: ['workload', 'model', 'metric', 'call', 'because'],
      rows: tables.flatMap(({ workload, rows }) =>
        rows.flatMap(({ model, cells }) =>
          cells.flatMap((cell) =>
            cell === null
              ? []
              : [[workload, model, ruleOf(cell.row.metric).words, CALLS[cell.call].word, cell.because]],
          ),
        ),
      ),
      sentences: [4],
    },
    'Every comparison with its reason',
  )}</details>`
}
