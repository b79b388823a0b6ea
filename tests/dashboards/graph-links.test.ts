import { expect, test } from 'vitest'
import { buildDashboards } from '../../dashboards/dashboards.ts'
import type { DashboardJson } from '../../dashboards/checks/check.ts'
import { graphLinks, graphLinksPage } from '../../dashboards/graph-links.ts'
import { readPromql } from '../../dashboards/promql.ts'

const GRAPH = new URL('http://127.0.0.1:9090/classic/graph')
const dashboards = [...buildDashboards().values()].map((each) => JSON.parse(JSON.stringify(each)) as DashboardJson)

test('every panel with a query has a link whose expressions are PromQL without variables', () => {
  const links = graphLinks(dashboards, GRAPH, null)
  const panels = dashboards.flatMap(({ panels = [] }) => panels.filter(({ type }) => type !== 'row'))
  expect(links.map(({ panel }) => panel)).toEqual(panels.map(({ title }) => title))
  for (const [index, { href, panel }] of links.entries()) {
    const link = new URL(href)
    expect(link.origin + link.pathname).toBe(GRAPH.href)
    const count = panels[index]?.targets?.length ?? 0
    for (let query = 0; query < count; query++) {
      const expr = link.searchParams.get(`g${query}.expr`) ?? ''
      expect(expr, panel).not.toContain('$')
      expect(readPromql(expr).error, panel).toBeNull()
      expect(link.searchParams.get(`g${query}.range_input`)).toBe('900s')
    }
  }
})

test('a time that is past ends where it ended and is as long as it was', () => {
  const fromMs = Date.UTC(2026, 0, 2, 3, 4, 5)
  const [first] = graphLinks(dashboards, GRAPH, { fromMs, toMs: fromMs + 90_500 })
  const { searchParams } = new URL(first?.href ?? '')
  expect(searchParams.get('g0.range_input')).toBe('91s')
  expect(searchParams.get('g0.end_input')).toBe('2026-01-02 03:05:35')
})

test('the page escapes what it is made of', () => {
  const page = graphLinksPage([{ dashboard: 'A & B', panel: '<p>', description: '"d"', href: 'http://x/?a=1&b="2"' }])
  expect(page).toContain('<h2>A &amp; B</h2>')
  expect(page).toContain('<a href="http://x/?a=1&amp;b=&quot;2&quot;">&lt;p&gt;</a> <small>&quot;d&quot;</small>')
})
