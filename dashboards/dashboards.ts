import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { COMPARE_MODELS } from './dashboards/compare-models.ts'
import { EVENT_LOOP } from './dashboards/event-loop.ts'
import { GENERATOR } from './dashboards/generator.ts'
import { LAB_CONSOLE } from './dashboards/lab-console.ts'
import { ONE_MODEL } from './dashboards/one-model.ts'
import { POOLS_QUEUES } from './dashboards/pools-queues.ts'
import { WORKERS } from './dashboards/workers.ts'
import { buildDashboard, type DashboardSpec } from './frame.ts'

/** Every dashboard, in the order in which one reads them. */
export const DASHBOARDS: readonly DashboardSpec[] = [
  COMPARE_MODELS,
  ONE_MODEL,
  WORKERS,
  EVENT_LOOP,
  POOLS_QUEUES,
  GENERATOR,
  LAB_CONSOLE,
]

/** Every dashboard built, by the name of its file without `.json`. */
export function buildDashboards(): Map<string, Dashboard> {
  return new Map(DASHBOARDS.map((spec) => [spec.id, buildDashboard(spec)]))
}
