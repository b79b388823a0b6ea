import { expect, test } from 'vitest'
import { escapeMarkdown, renderMarkdown } from '../../report/markdown.ts'
import { expectGolden, goldenRun } from './golden.ts'

test('golden: a full run', () => {
  const { result, manifest } = goldenRun('full')
  expectGolden('report/full.md', renderMarkdown(result, manifest))
})

test('golden: a pilot', () => {
  const { result, manifest } = goldenRun('pilot')
  expectGolden('report/pilot.md', renderMarkdown(result, manifest))
})

test('text from a result file cannot break a table, start markup or hide characters', () => {
  expect(escapeMarkdown('a|b')).toBe(String.raw`a\|b`)
  expect(escapeMarkdown('<img src=x>')).toBe('&lt;img src=x&gt;')
  expect(escapeMarkdown('*b* _i_ `c` [l](u)')).toBe(String.raw`\*b\* \_i\_ \`c\` \[l\](u)`)
  expect(escapeMarkdown('one\n# two\u202E')).toBe(String.raw`one \# two `)
})

test('every table has as many cells in each row as in its heading', () => {
  const { result, manifest } = goldenRun('full')
  const cells = result.cells.map((cell) => ({ ...cell, model: cell.model.replace('cluster', 'a|b') }))
  const lines = renderMarkdown({ ...result, cells }, manifest).split('\n')
  expect(lines.filter((line) => line.includes('a\\|b')).length).toBeGreaterThan(2)
  let columns = 0
  for (const line of lines) {
    if (!line.startsWith('|')) columns = 0
    else if (columns === 0) columns = line.split(/(?<!\\)\|/).length
    else expect(line.split(/(?<!\\)\|/), line).toHaveLength(columns)
  }
})
