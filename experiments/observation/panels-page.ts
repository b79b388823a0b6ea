import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import type { DashboardJson } from '../../dashboards/checks/check.ts'
import { graphLinks, graphLinksPage, type GraphSpan } from '../../dashboards/graph-links.ts'

/** Where a package and a clone have the dashboards that are built. */
const BUILT = join(PACKAGE_ROOT, 'dashboards', 'dist', 'grafana')

/**
 * Writes `panels.html` into a private folder: a link into the graph page of a Prometheus for every panel, over a time
 * that is past or, with null, up to now. Returns the address of the page, which goes with the folder.
 */
export function writePanelsPage(dir: string, graph: URL, span: GraphSpan | null): string {
  const dashboards = readdirSync(BUILT)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(BUILT, name), 'utf8')) as DashboardJson)
  const file = join(dir, 'panels.html')
  writeFileSync(file, graphLinksPage(graphLinks(dashboards, graph, span)), { mode: 0o600 })
  return pathToFileURL(file).href
}
