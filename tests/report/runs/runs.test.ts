import { describe, expect, test } from 'vitest'
import { compareResults, type ResultComparison } from '../../../analysis/comparison/result-comparison.ts'
import { csvField } from '../../../report/csv.ts'
import { renderRunsCsv } from '../../../report/runs/csv.ts'
import { renderRunsHtml } from '../../../report/runs/html.ts'
import { renderRunsMarkdown } from '../../../report/runs/markdown.ts'
import { pairSentences, runNames, type RunPair } from '../../../report/runs/pair.ts'
import { renderRunsText } from '../../../report/runs/text.ts'
import { fixtureRun, recordedRun } from '../fixture-run.ts'

const size = { models: ['single', 'cluster'], workloads: ['cpu', 'mixed'] }
const [first, second] = [fixtureRun(1, size), fixtureRun(2, size)].map((fixture, index) => {
  const run = recordedRun(fixture)
  const id = `2026-01-1${index}-compare`
  const node = ['v20.19.0', 'v20.20.2'][index] ?? ''
  return { ...run, manifest: { ...run.manifest, id, machine: { ...run.manifest.machine, node } } }
}) as [ReturnType<typeof recordedRun>, ReturnType<typeof recordedRun>]
const comparison = compareResults(first, second)
const nameOf = ({ manifest: { id, createdAt } }: typeof first, name: string): RunPair['first'] => ({
  id,
  name,
  createdAt,
})
const pair: RunPair = { first: nameOf(first, 'before'), second: nameOf(second, 'after'), comparison, outcomes: [] }
const plain = { columns: 120, style: (_: string, text: string) => text }

describe('two runs that can be compared', () => {
  test('what changed is said first, and nothing that did not change is called a change', () => {
    const sentences = pairSentences(pair)
    expect(sentences[0]).toMatch(/^(Since before, after is|Between before and after nothing)/)
    expect(sentences.at(-1)).toMatch(/^Of \d+ comparisons, \d+ (same|undecided)/)
  })

  test('text, Markdown, HTML and CSV hold every ratio, to the same digits', () => {
    const rows = comparable(comparison).rows
    expect(rows.length).toBeGreaterThan(15)
    const [text, markdown, html] = [renderRunsText([pair], plain), renderRunsMarkdown([pair]), renderRunsHtml([pair])]
    for (const { ratio } of rows) {
      const digits = ratio.estimate.toFixed(2)
      for (const report of [text, markdown, html]) expect(report).toContain(digits)
    }
    const lines = renderRunsCsv([pair]).trimEnd().split('\r\n')
    expect(lines).toHaveLength(rows.length + 1)
    for (const [index, row] of rows.entries()) {
      expect(lines[index + 1]).toContain(`${csvField(row.ratio.estimate)},${csvField(row.ratio.low)}`)
    }
  })

  test('what else differs is named', () => {
    expect(renderRunsText([pair], plain)).toContain('Node: v20.19.0 → v20.20.2')
    expect(renderRunsMarkdown([pair])).toContain('## What else differs')
  })

  test.each([200, 100, 60, 20])('fits in %i columns', (columns) => {
    const text = renderRunsText([pair], { ...plain, columns })
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(Math.max(24, columns))
  })

  test('three runs are two comparisons with the first', () => {
    const html = renderRunsHtml([
      pair,
      { ...pair, second: { id: 'x', name: 'later', createdAt: '2026-02-01T00:00:00.000Z' } },
    ])
    expect(html.match(/<section /g)).toHaveLength(2)
    const ids = [...html.replaceAll(/<(style|script)>[^]*?<\/\1>/g, '').matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test('runs that cannot be compared say why, everywhere', () => {
  const refused: RunPair = {
    ...pair,
    comparison: { comparable: false, reasons: ['The machines differ: <b>one</b> and another.'] },
  }
  for (const report of [renderRunsText([refused], plain), renderRunsMarkdown([refused]), renderRunsHtml([refused])]) {
    expect(report).toContain('cannot be compared')
    expect(report).toContain('The machines differ: ')
  }
  expect(renderRunsHtml([refused])).not.toContain('<b>one</b>')
})

test('runs are called by their folders, by the whole path where two have the same name', () => {
  expect(runNames(['results/old', '/somewhere/new/'])).toEqual(['old', 'new'])
  expect(runNames(['main/run', 'branch/run', 'results/older'])).toEqual(['main/run', 'branch/run', 'older'])
})

test('thresholds stand in every report that has words', () => {
  const because = 'Measured 0.90× (0.88–0.92): all of its interval is on the wrong side.'
  const text = 'cluster/cpu throughput >= 0.95x first run'
  const outcomes = [
    { text, model: 'cluster', workload: 'cpu', metric: 'throughput', outcome: 'failed', because } as const,
  ]
  const judged = [{ ...pair, outcomes }]
  for (const report of [renderRunsText(judged, plain), renderRunsMarkdown(judged), renderRunsHtml(judged)]) {
    expect(report).toContain('Thresholds')
    expect(report).toContain('first run')
    expect(report).toContain('0.90× (0.88–0.92)')
  }
  expect(renderRunsMarkdown([pair])).not.toContain('Thresholds')
})

function comparable(result: ResultComparison): ResultComparison & { comparable: true } {
  if (!result.comparable) throw new Error(result.reasons.join('\n'))
  return result
}
