import { type Check, type Dashboards, type Finding, type PanelJson, panelFinding } from './check.ts'

/** Columns of Grafana's grid. */
const COLUMNS = 24

/** Numbers and names that must be unique, and panels that must not lie on each other. */
export const LAYOUT_CHECK: Check = {
  id: 'layout',
  title: 'unique ids, panels side by side',
  run: async (dashboards) => [
    ...sharedUids(dashboards),
    ...[...dashboards].flatMap(([name, json]) => faults(name, json.panels ?? [])),
  ],
}

function sharedUids(dashboards: Dashboards): Finding[] {
  const seen = new Map<string, string>()
  return [...dashboards].flatMap(([dashboard, { uid }]) => {
    if (uid === undefined || uid === '') return [{ dashboard, message: 'It has no `uid`.' }]
    const other = seen.get(uid)
    seen.set(uid, dashboard)
    return other === undefined ? [] : [{ dashboard, message: `It shares its \`uid\` ${uid} with ${other}.` }]
  })
}

function faults(dashboard: string, panels: readonly PanelJson[]): Finding[] {
  const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
  return all.flatMap((panel, i) => [
    ...idFaults(dashboard, panel, all.slice(0, i)),
    ...placeFaults(dashboard, panel, all.slice(0, i)),
    ...refIdFaults(dashboard, panel),
  ])
}

function idFaults(dashboard: string, panel: PanelJson, before: readonly PanelJson[]): Finding[] {
  if (panel.id === undefined || panel.id <= 0) return [panelFinding(dashboard, panel, 'It has no `id` above 0.')]
  const other = before.find(({ id }) => id === panel.id)
  return other === undefined
    ? []
    : [panelFinding(dashboard, panel, `It shares its \`id\` ${panel.id} with “${other.title}”.`)]
}

function placeFaults(dashboard: string, panel: PanelJson, before: readonly PanelJson[]): Finding[] {
  const place = panel.gridPos
  if (place === undefined) return [panelFinding(dashboard, panel, 'It has no `gridPos`.')]
  if (place.x < 0 || place.w <= 0 || place.x + place.w > COLUMNS) {
    return [panelFinding(dashboard, panel, `It reaches beyond the ${COLUMNS} columns.`)]
  }
  return before
    .filter(({ gridPos }) => gridPos !== undefined && overlap(gridPos, place))
    .map((other) => panelFinding(dashboard, panel, `It lies on “${other.title}”.`))
}

function overlap(a: NonNullable<PanelJson['gridPos']>, b: NonNullable<PanelJson['gridPos']>): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

function refIdFaults(dashboard: string, panel: PanelJson): Finding[] {
  const refIds = (panel.targets ?? []).map(({ refId }) => refId)
  return new Set(refIds).size === refIds.length
    ? []
    : [panelFinding(dashboard, panel, 'Two of its queries share a `refId`.')]
}
