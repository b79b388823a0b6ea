import { CATALOGUE_CHECK } from './checks/catalogue.ts'
import type { Check, CheckContext, Dashboards, Finding } from './checks/check.ts'
import { LAYOUT_CHECK } from './checks/layout.ts'
import { LINTER_CHECK } from './checks/linter.ts'
import { LIVE_CHECK } from './checks/live.ts'
import { PROMTOOL_CHECK } from './checks/promtool.ts'
import { SCHEMA_CHECK } from './checks/schema.ts'

/** Every check of dashboards, the cheapest first. */
export const CHECKS: readonly Check[] = [
  SCHEMA_CHECK,
  LINTER_CHECK,
  LAYOUT_CHECK,
  CATALOGUE_CHECK,
  PROMTOOL_CHECK,
  LIVE_CHECK,
]

/** What one check found. */
export interface CheckOutcome {
  readonly id: string
  readonly title: string
  /** Why it was not made; null when it was. */
  readonly skipped: string | null
  readonly findings: readonly Finding[]
}

/** Makes every check. */
export async function checkDashboards(dashboards: Dashboards, context: CheckContext): Promise<CheckOutcome[]> {
  const outcomes: CheckOutcome[] = []
  for (const check of CHECKS) {
    const { id, title } = check
    const found = await check.run(dashboards, context)
    outcomes.push(
      'skipped' in found
        ? { id, title, skipped: found.skipped, findings: [] }
        : { id, title, skipped: null, findings: found },
    )
  }
  return outcomes
}
