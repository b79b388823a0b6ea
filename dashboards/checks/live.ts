import { EVERYTHING, fillVariables } from '../variables.ts'
import { type Check, type Dashboards, type Finding, panelFinding, queriesOf } from './check.ts'

/** The strongest check: after a real run a real Prometheus answers every query with series. */
export const LIVE_CHECK: Check = {
  id: 'live',
  title: 'every query answered by a real Prometheus after a real run',
  async run(dashboards, { countSeries }) {
    if (countSeries === null) return { skipped: 'no Prometheus with a run was named (`--live` makes one)' }
    const findings: Finding[] = []
    for (const { dashboard, panel, expr } of queriesOf(dashboards)) {
      const count = await countSeries(fillVariables(expr, EVERYTHING))
      if (count === 0) findings.push(panelFinding(dashboard, panel, `\`${expr}\` is answered with no series.`))
    }
    for (const { dashboard, where, expr } of otherQueries(dashboards)) {
      const count = await countSeries(fillVariables(expr, EVERYTHING))
      if (count === 0) findings.push({ dashboard, message: `${where}: \`${expr}\` is answered with no series.` })
    }
    return findings
  },
}

/** Queries beside those of panels: of annotations, and the series whose labels variables offer. */
function* otherQueries(dashboards: Dashboards): Generator<{ dashboard: string; where: string; expr: string }> {
  for (const [dashboard, json] of dashboards) {
    for (const { name, expr } of json.annotations?.list ?? []) {
      if (expr !== undefined) yield { dashboard, where: `annotation ${name}`, expr }
    }
    for (const { name, query } of json.templating?.list ?? []) {
      const series = typeof query === 'string' ? /^label_values\((.+), *\w+\)$/.exec(query)?.[1] : undefined
      if (series !== undefined) yield { dashboard, where: `variable ${name}`, expr: series }
    }
  }
}
