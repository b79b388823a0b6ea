import { parseSlo } from '../../analysis/capacity/objective/slo.ts'
import type { Verdict } from '../../core/records.ts'
import type { ExperimentEvent } from '../events.ts'
import type { DriverProgress } from '../../loadtest/driver-progress.ts'
import type { ObservedLaunch } from '../../loadtest/observation/observation.ts'
import {
  type LatencyLimit,
  type LoadSecondFigures,
  type MarkLevel,
  type TimelineItem,
  timelineUnit,
  type TimelineVerdict,
} from '../../core/timeline.ts'

/** Turns the events of a run into its timeline. What events count in total is given second by second. */
export class EventItems {
  #before: DriverProgress | null = null
  #isWaiting = false

  /** The items of one event that happened at `atMs`, in milliseconds since the epoch; none for what no timeline has. */
  of(event: ExperimentEvent, atMs: number): readonly TimelineItem[] {
    const waitedBefore = this.#isWaiting
    this.#isWaiting = event.type === 'waiting' || (waitedBefore && event.type === 'units-heard')
    switch (event.type) {
      case 'waiting':
        if (waitedBefore) return []
        return [{ kind: 'mark', atMs, level: 'info', text: waitingText(event.foreignCores) }]
      case 'run-started': {
        const { experiment, id, expectedS, steps } = event
        return [{ kind: 'run', atMs, experiment, id, expectedS, steps }]
      }
      case 'run-ended':
        return [{ kind: 'end', atMs, text: event.text, failed: event.failed }]
      case 'step-started':
        return [{ kind: 'step', atMs, label: event.label }]
      case 'phase':
        return [
          {
            kind: 'phase',
            atMs,
            phase: event.phase,
            ...(event.launch !== undefined && { launch: launchText(event.launch) }),
          },
        ]
      case 'units':
        return [{ kind: 'units', atMs, launch: launchText(event.launch), units: event.units.map(timelineUnit) }]
      case 'load': {
        // What a load reports before its first second is over is no second.
        if (event.progress.elapsedS === 0) return []
        const second = loadSecond(event.progress, this.#before)
        this.#before = event.progress
        return [{ kind: 'load', atMs, second }]
      }
      case 'verdicts':
        return [{ kind: 'verdicts', atMs, final: !event.provisional, verdicts: event.verdicts.map(timelineVerdict) }]
      case 'search-started': {
        const { objective } = event.search
        return [{ kind: 'objective', atMs, text: objective, limits: limitsOf(objective) }]
      }
      case 'search-finished':
        return [{ kind: 'objective', atMs, text: '', limits: [] }]
      case 'units-heard':
        return [event.item]
      default: {
        const mark = markOf(event)
        return mark === null ? [] : [{ kind: 'mark', atMs, ...mark }]
      }
    }
  }
}

/** A launch in words, which distinguish it from the others of its run where it has a trial. */
export function launchText({ model, workload, trial }: ObservedLaunch): string {
  if (trial !== undefined) return trial.includes(model) ? trial : `${model}, ${trial}`
  return workload === undefined ? model : `${model}, ${workload}`
}

/** One second of a load, from its figures and those of the second before; a load that began anew has none before. */
export function loadSecond(now: DriverProgress, last: DriverProgress | null): LoadSecondFigures {
  const before = last !== null && last.elapsedS < now.elapsedS ? last : null
  const earlier = before?.totals
  const { totals } = now
  const settled = totals === undefined ? null : totals.ok + totals.non2xx + totals.timeouts + totals.connectionErrors
  return {
    phase: now.phase,
    elapsedS: now.elapsedS,
    ratePerS: now.ratePerS,
    offeredPerS: now.offeredRatePerS ?? null,
    failed: Math.max(0, now.failed - (before?.failed ?? 0)),
    inFlight: totals === undefined || settled === null ? null : Math.max(0, totals.sent - settled),
    p50Ms: now.p50Ms,
    p99Ms: now.p99Ms,
    latenessP99Ms: now.latenessP99Ms ?? null,
    generatorBusy: now.eventLoopUtilization ?? null,
    counts: newCounts(totals?.latencyCounts ?? [], earlier?.latencyCounts),
    ...(totals?.routes !== undefined && {
      routes: Object.fromEntries(
        Object.entries(totals.routes).map(([route, counts]) => [route, newCounts(counts, earlier?.routes?.[route])]),
      ),
    }),
  }
}

function newCounts(counts: readonly number[], before: readonly number[] = []): number[] {
  return counts.map((count, place) => Math.max(0, count - (before[place] ?? 0)))
}

/** A verdict as a timeline has it. */
export function timelineVerdict(verdict: Verdict): TimelineVerdict {
  const { workload, metric, baseline, candidate, call, blocks, withheld } = verdict
  const { estimate, low, high } = verdict.ratio
  const ratio = { estimate, low, high }
  return { workload, metric, baseline, candidate, call, blocks, ...(withheld === true && { withheld }), ratio }
}

function limitsOf(objective: string): LatencyLimit[] {
  return parseSlo(objective).latency.map(({ name, limitS }) => ({ name, ms: limitS * 1000 }))
}

function waitingText(foreignCores: number): string {
  return `waiting: other programs use ${foreignCores.toFixed(1)} cores`
}

function markOf(event: ExperimentEvent): { readonly level: MarkLevel; readonly text: string } | null {
  switch (event.type) {
    case 'note':
      return { level: event.level, text: event.text }
    case 'fault':
      return { level: 'fault', text: `${event.fault} ${event.active ? 'is injected' : 'is over'}` }
    case 'part-died':
      return { level: 'warning', text: `the ${event.part} process ${event.how}` }
    case 'unsettled':
      return { level: 'warning', text: `the machine's speed varies (${event.found})` }
    case 'model-refused':
      return { level: 'warning', text: `${event.model} is left out: ${event.reason}` }
    case 'trial-started':
      return { level: 'info', text: `${event.trial.id} begins` }
    case 'trial-finished':
      return event.trial.outcome === 'valid' ? null : { level: 'warning', text: `${event.trial.id} is not valid` }
    case 'block-finished':
      return { level: 'info', text: `block ${event.block.block}, ${event.block.workload} is kept` }
    case 'block-dropped':
      return {
        level: 'warning',
        text: `block ${event.block.block}, ${event.block.workload} is dropped: ${event.block.reasons[0] ?? ''}`,
      }
    case 'stopping-early':
      return { level: 'info', text: `stopping early: ${event.because}` }
    case 'rate-tried':
      return {
        level: 'info',
        text: `${event.search.model} at ${event.ratePerS.toFixed(0)}/s: ${event.met ? 'goals met' : `missed ${event.missed.join(', ')}`}`,
      }
    case 'cell-started':
      return { level: 'info', text: `${event.model} under ${event.fault} begins` }
    default:
      return null
  }
}
