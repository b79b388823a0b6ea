import { escapeHtml } from '../core/plain-text.ts'
import type { DashboardJson, PanelJson } from './checks/check.ts'
import { EVERYTHING, fillVariables } from './variables.ts'

/** A panel of a dashboard as an address of Prometheus' own graph page. */
export interface GraphLink {
  readonly dashboard: string
  readonly panel: string
  /** How to read it. */
  readonly description: string
  readonly href: string
}

/** The time that a graph shows, in milliseconds since the epoch. */
export interface GraphSpan {
  readonly fromMs: number
  readonly toMs: number
}

/** What graphs show unless told: the last quarter of an hour. */
const DEFAULT_RANGE_S = 15 * 60

/**
 * Every panel with a query as a link to `page`, the graph page of a Prometheus, in the order of the dashboards: a graph
 * for each query over the time that is asked for (the last quarter of an hour where that is null), a table for instant ones.
 */
export function graphLinks(dashboards: readonly DashboardJson[], page: URL, span: GraphSpan | null): GraphLink[] {
  return dashboards.flatMap((dashboard) =>
    panelsOf(dashboard).map((panel) => ({
      dashboard: dashboard.title ?? '',
      panel: panel.title ?? '',
      description: panel.description ?? '',
      href: linkTo(panel, page, span),
    })),
  )
}

function panelsOf({ panels = [] }: DashboardJson): PanelJson[] {
  return panels
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .filter(({ targets = [] }) => targets.some(({ expr }) => expr !== undefined))
}

function linkTo({ targets = [] }: PanelJson, page: URL, span: GraphSpan | null): string {
  const rangeS = span === null ? DEFAULT_RANGE_S : Math.max(1, Math.ceil((span.toMs - span.fromMs) / 1000))
  const values = { ...EVERYTHING, __range: `${rangeS}s` }
  const link = new URL(page)
  const queries = targets.filter(({ expr }) => expr !== undefined)
  for (const [index, { expr = '', instant }] of queries.entries()) {
    const set = (name: string, value: string): void => link.searchParams.set(`g${index}.${name}`, value)
    set('expr', fillVariables(expr, values))
    // 0 is the graph, 1 the table.
    set('tab', instant === true ? '1' : '0')
    set('range_input', `${rangeS}s`)
    if (span === null) continue
    const end = new Date(span.toMs).toISOString().slice(0, 19).replace('T', ' ')
    set('end_input', end)
    set('moment_input', end)
  }
  return link.href
}

/** The links as a page of its own, one heading for each dashboard. */
export function graphLinksPage(links: readonly GraphLink[]): string {
  const titles = [...new Set(links.map(({ dashboard }) => dashboard))]
  const parts = titles.map((title) => {
    const own = links.filter(({ dashboard }) => dashboard === title)
    const items = own.map(
      ({ panel, description, href }) =>
        `<li><a href="${escapeHtml(href)}">${escapeHtml(panel)}</a> <small>${escapeHtml(description)}</small></li>`,
    )
    return `<h2>${escapeHtml(title)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`
  })
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    '<title>Panels in Prometheus</title>',
    `<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
li{margin:.4rem 0}small{display:block;opacity:.75}</style></head><body>`,
    '<h1>Panels in Prometheus</h1>',
    '<p>Every panel of the dashboards as a graph of the Prometheus that runs; the links work until it ends.</p>',
    ...parts,
    '</body></html>',
    '',
  ].join('\n')
}
