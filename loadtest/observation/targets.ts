import type { Labels } from '../../core/exposition.ts'
import type { Unit } from '../../core/unit.ts'
import { replaceFile } from '../../core/replace-file.ts'
import type { ObservedLaunch } from './observation.ts'
import { identityLabels } from './run-metrics.ts'

/** Job of all units of servers under test. */
export const UNIT_JOB = 'forkwise'

/** Job of the run's own series: phases, faults and the generator. */
export const RUN_JOB = 'forkwise-run'

/** Instance of the run's own series. */
export const RUN_INSTANCE = 'forkwise'

/** One place whose metrics are read once a second. */
export interface Target {
  readonly url: URL
  /** Identity labels of every series found there; `job` and `instance` included. */
  readonly labels: Labels
}

/** A group of Prometheus' file-based service discovery. */
export interface FileSdGroup {
  readonly targets: readonly string[]
  readonly labels: Labels
}

/**
 * Where the metrics of a launch's units are, with their identity labels. A unit without metrics of its own is found at
 * the bridge (`bridgeUrl`), if there is one.
 */
export function targetsOf(
  runId: string,
  launch: ObservedLaunch,
  units: readonly Unit[],
  bridgeUrl: URL | null = null,
): Target[] {
  return units.flatMap((unit) => {
    const url = unit.metricsUrl === undefined ? bridgedUrl(unit, bridgeUrl) : new URL(unit.metricsUrl)
    if (url === null) return []
    const instance = unit.metricsUrl === undefined ? `pid-${unit.pid}` : url.host
    const labels = { ...identityLabels(runId, launch), worker: unit.name, role: unit.role, job: UNIT_JOB, instance }
    return [{ url, labels }]
  })
}

/** The same targets as Prometheus' file_sd takes them; the path goes into its own special label, the job is the file's. */
export function fileSdGroups(targets: readonly Target[]): FileSdGroup[] {
  return targets.map(({ url, labels }) => {
    const { job: _, ...rest } = labels
    return { targets: [url.host], labels: { __metrics_path__: url.pathname, ...rest } }
  })
}

/** Writes a file_sd file beside and renames it, so that Prometheus never reads half of one. */
export function writeFileSd(path: string, groups: readonly FileSdGroup[]): void {
  replaceFile(path, `${JSON.stringify(groups, null, 2)}\n`, false)
}

/** Path at the bridge of a unit that has no metrics of its own; threads have none, since their process shows them. */
export function bridgePath(unitName: string): string {
  return `/units/${encodeURIComponent(unitName)}/metrics`
}

function bridgedUrl(unit: Unit, bridgeUrl: URL | null): URL | null {
  return bridgeUrl === null || unit.thread !== undefined ? null : new URL(bridgePath(unit.name), bridgeUrl)
}
