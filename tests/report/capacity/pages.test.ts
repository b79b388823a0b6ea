import { expect, test } from 'vitest'
import { scaleText } from '../../../report/capacity/scale-text.ts'
import { planText } from '../../../report/capacity/plan-text.ts'
import { renderCapacityHtml } from '../../../report/capacity/html.ts'
import { renderCapacityMarkdown } from '../../../report/capacity/markdown.ts'
import { knownFindings } from './findings.ts'

const findings = knownFindings()
const html = withoutAssets(renderCapacityHtml(findings))
const markdown = renderCapacityMarkdown(findings)
const plain = (_: string, text: string): string => text

test('every part of the findings has a section, a plot and the same figures as a table', () => {
  const sections = [...html.matchAll(/<section id="([^"]+)"/g)].map((match) => match[1])
  expect(sections).toEqual(['plan', 'rates', 'scaling', 'validation', 'setup'])
  const figures = [...html.matchAll(/<figure [^]*?<\/figure>/g)].map((match) => match[0])
  expect(figures.length).toBeGreaterThanOrEqual(7)
  for (const figure of figures) expect(figure).toMatch(/<svg class="plot"[^]*<table/)
  expect(html).toContain('class="band"')
  expect(html).not.toMatch(/NaN|undefined|Infinity|e\+\d|null/)
  expect(markdown).not.toMatch(/NaN|undefined|Infinity|e\+\d|null/)
})

test('HTML, Markdown and the terminal show the same figures', () => {
  const scaled = scaleText(findings.scale?.models ?? [], plain)
  const rows = scaled.split('\n').filter((line) => /^\d+ +\d/.test(line))
  expect(rows.length).toBeGreaterThan(1)
  for (const row of rows) {
    const [workers = '', rate = ''] = row.split(/ +/)
    expect(html).toMatch(new RegExp(`<th scope="row">${workers}</th><td>${rate} \\(`))
    expect(markdown).toMatch(new RegExp(`\\| ${workers} \\| ${rate} \\(`))
  }
  const planned = planText(findings.plan as NonNullable<typeof findings.plan>, plain)
  const latency = /p99 [\d.]+ ms \([\d.]+ ms\)/.exec(planned)?.[0] ?? 'no latency'
  expect(html.replaceAll('\u00A0', ' ')).toContain(latency)
  expect(markdown).toContain(latency)
})

test('one part alone is a page too', () => {
  const nothing = { ...findings, scale: null, capacity: null, plan: null, validation: null }
  for (const part of ['scale', 'capacity', 'plan', 'validation'] as const) {
    const page = withoutAssets(renderCapacityHtml({ ...nothing, [part]: findings[part], measurements: [] }))
    expect([...page.matchAll(/<section /g)]).toHaveLength(2)
  }
})

test('a name from a file is text, never markup', () => {
  const evil = renamed(findings, 'known', '<img src=x onerror=alert(1)>|`')
  const page = withoutAssets(renderCapacityHtml(evil))
  expect(page).not.toContain('<img')
  expect(page).toContain('&lt;img')
  expect(renderCapacityMarkdown(evil)).not.toContain('<img')
})

/** A copy of plain data in which every text has another name in the place of one. */
function renamed<T>(data: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(from, to) : value,
  ) as T
}

/** The page without the style and the scripts, which hold no values. */
function withoutAssets(page: string): string {
  return page.replaceAll(/<(style|script)>[^]*?<\/\1>/g, '')
}
