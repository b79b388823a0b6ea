import { fillVariables, GRAFANA_VARIABLES } from '../variables.ts'
import { toYaml } from '../yaml.ts'
import { type Check, type Finding, panelFinding, queriesOf } from './check.ts'

/** Every expression as Prometheus itself reads it: each becomes a recording rule that promtool is asked about. */
export const PROMTOOL_CHECK: Check = {
  id: 'promql',
  title: 'PromQL that Prometheus accepts',
  async run(dashboards, { checkRules }) {
    if (checkRules === null) return { skipped: 'promtool not found (Debian: apt-get install prometheus)' }
    const queries = [...queriesOf(dashboards)]
    if ((await checkRules(ruleText(queries.map(({ expr }) => expr)))) === null) return []
    // Something is wrong: ask about one after the other, to say which.
    const findings: Finding[] = []
    for (const { dashboard, panel, expr } of queries) {
      const complaint = await checkRules(ruleText([expr]))
      if (complaint !== null) findings.push(panelFinding(dashboard, panel, `\`${expr}\`: ${complaint}`))
    }
    return findings
  },
}

function ruleText(exprs: readonly string[]): string {
  const rules = exprs.map((expr, i) => ({ record: `query:${i}`, expr: fillVariables(expr, GRAFANA_VARIABLES) }))
  return toYaml({ groups: [{ name: 'queries', rules }] })
}
