import { type HistogramValue, type Labels, type MetricValue, renderExposition } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'
import type { DriverProgress, LoadTotals } from '../driver.ts'
import type { ObservedLaunch } from './observation.ts'

/** Phase before the first one was named. */
const NO_PHASE = 'idle'

/** Phase of a launch whose units are no longer watched: what is missing from then on is missing on purpose. */
export const STOPPING = 'stopping'

const NO_TOTALS: LoadTotals = {
  sent: 0,
  ok: 0,
  non2xx: 0,
  timeouts: 0,
  connectionErrors: 0,
  latencyCounts: [],
  latencySumS: 0,
}

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
  #before: LoadTotals = NO_TOTALS
  readonly #faults = new Map<string, boolean>()

  constructor(runId: string) {
    this.#runId = runId
  }

  /** A launch is under way; the counts and faults of another one are forgotten. */
  launch(launch: ObservedLaunch): void {
    if (this.#launch !== null && launchKey(launch) === launchKey(this.#launch)) return
    this.#launch = launch
    this.#progress = null
    this.#before = NO_TOTALS
    this.#faults.clear()
  }

  /** The run enters a phase; a load that was under way is over. */
  phase(name: string): void {
    this.#before = addTotals(this.#before, this.#progress?.totals ?? NO_TOTALS)
    this.#progress = null
    this.#phase = name
  }

  /** The driver's live figures. */
  progress(progress: DriverProgress): void {
    this.#progress = progress
  }

  /** A fault begins or ends. */
  fault(name: string, active: boolean): void {
    this.#faults.set(name, active)
  }

  /** Everything as text in the Prometheus format, identity labels included. */
  render(): string {
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
    const totals = addTotals(this.#before, progress?.totals ?? NO_TOTALS)
    if (totals.sent > 0) values.push(...totalValues(totals))
    return values
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
  }
  return [
    ...Object.entries(outcomes).map(([outcome, value]) => ({ spec: METRICS.loadRequests, labels: { outcome }, value })),
    ...(totals.latencyCounts.length === 0
      ? []
      : [{ spec: METRICS.loadDuration, counts: totals.latencyCounts, sum: totals.latencySumS }]),
  ]
}

function addTotals(a: LoadTotals, b: LoadTotals): LoadTotals {
  const longer = a.latencyCounts.length >= b.latencyCounts.length ? a.latencyCounts : b.latencyCounts
  return {
    sent: a.sent + b.sent,
    ok: a.ok + b.ok,
    non2xx: a.non2xx + b.non2xx,
    timeouts: a.timeouts + b.timeouts,
    connectionErrors: a.connectionErrors + b.connectionErrors,
    latencyCounts: longer.map((_, i) => (a.latencyCounts[i] ?? 0) + (b.latencyCounts[i] ?? 0)),
    latencySumS: a.latencySumS + b.latencySumS,
  }
}
