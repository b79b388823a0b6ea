import type { Labels } from '../../core/exposition.ts'

/** A series computed every second from others, under a name of its own. */
export interface RecordingRule {
  /** `level:metric:operation`, where level is `model` (run, model, workload) or `worker` (that and the worker). */
  readonly record: string
  readonly expr: string
  /** One sentence on what it is, for docs/METRICS.md. */
  readonly help: string
}

/** How urgent an alert is: `page` = the result or the service is in danger, `warning` = look soon, `info` = know it. */
export type Severity = 'page' | 'warning' | 'info'

/** A condition worth knowing while it lasts, with what a person should do about it and the proof that it works. */
export interface Alert {
  readonly name: string
  readonly expr: string
  /** Seconds the condition must last. */
  readonly forS: number
  /** Seconds it stays on after the condition is over, so that a short one can be seen. */
  readonly keepFiringForS?: number
  readonly severity: Severity
  /** One line, a template over `$labels` and `$value`. */
  readonly summary: string
  readonly runbook: Runbook
  /** Series that must fire it, and what then stands in the alert. */
  readonly firing: FiringCase
  /** Series much like the others that must not fire it. */
  readonly quiet: QuietCase
}

/** A paragraph of docs/RUNBOOK.md. */
export interface Runbook {
  readonly means: string
  readonly lookAt: readonly string[]
  readonly act: readonly string[]
}

/** Series of a test, in promtool's notation: `0+90x60` is 0, 90, 180 … one a second. */
export interface TestSeries {
  readonly series: string
  readonly values: string
}

/** A test that an alert fires. */
export interface FiringCase {
  readonly why: string
  readonly series: readonly TestSeries[]
  readonly atS: number
  readonly labels: Labels
  /** The summary with its template filled in. */
  readonly summary: string
}

/** A test that an alert does not fire. */
export interface QuietCase {
  readonly why: string
  readonly series: readonly TestSeries[]
  readonly atS: number
}

/** Series of a test from pairs. */
export function testSeries(...pairs: readonly (readonly [series: string, values: string])[]): TestSeries[] {
  return pairs.map(([series, values]) => ({ series, values }))
}
