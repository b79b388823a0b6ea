import type { HistogramValue, Labels, MetricValue } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'
import { renderExposition } from '../../core/registry.ts'
import type { LoadRecord } from '../../core/load.ts'
import type { DriverProgress, LoadTotals } from '../driver-progress.ts'
import { addTotals, totalsOf } from '../load-totals.ts'
import type { ObservedLaunch } from './observation.ts'

/** Phase before the first one was named. */
const NO_PHASE = 'idle'

/** Phase of a launch whose units are no longer watched: what is missing from then on is missing on purpose. */
export const STOPPING = 'stopping'

/**
 * What the run itself is doing, as metrics: phase, generator figures, faults. They carry the identity labels of the
 * launch that is under way, since one place of exposition serves every launch in turn.
 */
export class RunMetrics {
  readonly #runId: string
  #launch: ObservedLaunch | null = null
  #phase = NO_PHASE
  #progress: DriverProgress | null = null
  /** Counts of the loads of this launch that are over. */
  #before: readonly LoadTotals[] = []
  #over = false
  readonly #faults = new Map<string, boolean>()

  constructor(runId: string) {
    this.#runId = runId
  }

  /** A launch is under way; the counts and faults of another one are forgotten. */
  launch(launch: ObservedLaunch): void {
    this.#over = false
    if (this.#launch !== null && launchKey(launch) === launchKey(this.#launch)) return
    this.#launch = launch
    this.#progress = null
    this.#before = []
    this.#faults.clear()
  }

  /** The launch is over: what is missing from now on is missing on purpose. */
  stopping(): void {
    this.phase(STOPPING)
    this.#over = true
  }

  /** The run enters a phase; a load that was under way is over. */
  phase(name: string): void {
    this.#endLoad(this.#progress?.totals ?? null)
    this.#phase = name
    if (!this.#over) return
    this.#launch = null
    this.#before = []
    this.#faults.clear()
  }

  /** The driver's live figures. */
  progress(progress: DriverProgress): void {
    this.#progress = progress
  }

  /** A load is over: its last second and its drain, which no progress reported, are counted too. */
  loadEnded(record: LoadRecord): void {
    this.#endLoad(totalsOf(record))
  }

  /** A fault begins or ends. */
  fault(name: string, active: boolean): void {
    this.#faults.set(name, active)
  }

  /** Everything as text in the Prometheus format, identity labels included. */
  render(): Promise<string> {
    return renderExposition(this.#values(), identityLabels(this.#runId, this.#launch))
  }

  #values(): (MetricValue | HistogramValue)[] {
    const values: (MetricValue | HistogramValue)[] = [
      { spec: METRICS.loadPhase, labels: { phase: this.#phaseNow() }, value: 1 },
    ]
    for (const [fault, active] of this.#faults) {
      values.push({ spec: METRICS.faultActive, labels: { fault }, value: active ? 1 : 0 })
    }
    const progress = this.#progress
    if (progress?.offeredRatePerS !== undefined) {
      values.push({ spec: METRICS.offeredRate, value: progress.offeredRatePerS })
    }
    if (progress?.eventLoopUtilization !== undefined) {
      values.push({ spec: METRICS.loadCpu, value: progress.eventLoopUtilization })
    }
    if (typeof progress?.latenessP99Ms === 'number') {
      values.push({ spec: METRICS.loadLateness, value: progress.latenessP99Ms / 1000 })
    }
    const totals = addTotals([...this.#before, ...(progress?.totals === undefined ? [] : [progress.totals])])
    if (totals !== null) values.push(...totalValues(totals))
    return values
  }

  #endLoad(totals: LoadTotals | null): void {
    if (totals !== null) this.#before = [...this.#before, totals]
    this.#progress = null
  }

  #phaseNow(): string {
    if (this.#progress?.phase === 'warmup') return 'warm-up'
    if (this.#progress?.phase === 'draining') return 'draining'
    return this.#phase
  }
}

/** Identity labels of a launch's series. */
export function identityLabels(runId: string, launch: ObservedLaunch | null): Labels {
  return {
    run_id: runId,
    ...(launch === null ? {} : { model: launch.model }),
    ...(launch?.workload === undefined ? {} : { workload: launch.workload }),
    ...(launch?.trial === undefined ? {} : { trial: launch.trial }),
  }
}

/** Tells launches apart: two of the same model and trial are one. */
export function launchKey(launch: ObservedLaunch): string {
  return JSON.stringify([launch.model, launch.workload, launch.trial])
}

function totalValues(totals: LoadTotals): (MetricValue | HistogramValue)[] {
  const outcomes = {
    ok: totals.ok,
    non2xx: totals.non2xx,
    timeout: totals.timeouts,
    'connection-error': totals.connectionErrors,
    uncounted: totals.uncounted,
  }
  return [
    ...Object.entries(outcomes).map(([outcome, value]) => ({ spec: METRICS.loadRequests, labels: { outcome }, value })),
    ...(totals.latencyCounts.length === 0
      ? []
      : [{ spec: METRICS.loadDuration, counts: totals.latencyCounts, sum: totals.latencySumS }]),
  ]
}
