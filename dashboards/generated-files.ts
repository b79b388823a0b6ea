import { buildDashboards } from './dashboards.ts'
import { metricsPage } from './pages/metrics-page.ts'
import { runbookPage } from './pages/runbook-page.ts'
import { RULE_FILE, RULE_TEST_FILE, ruleFile, ruleTestFile } from './rules/rule-files.ts'

/** Folder of the dashboards' JSON, from the root of the project. */
export const DASHBOARD_FOLDER = 'dashboards/dist/grafana'

/** Folder of Prometheus' rules, from the root of the project. */
export const RULE_FOLDER = 'dashboards/dist/prometheus'

/** Every file that is made from code: its path from the root of the project, and its text. */
export function generatedFiles(): Map<string, string> {
  return new Map([
    ...[...buildDashboards()].map(
      ([name, dashboard]) => [`${DASHBOARD_FOLDER}/${name}.json`, `${JSON.stringify(dashboard, null, 2)}\n`] as const,
    ),
    [`${RULE_FOLDER}/${RULE_FILE}`, ruleFile()],
    [`${RULE_FOLDER}/${RULE_TEST_FILE}`, ruleTestFile()],
    ['docs/RUNBOOK.md', runbookPage()],
    ['docs/METRICS.md', metricsPage()],
  ])
}
