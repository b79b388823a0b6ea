import type { Unit } from '../core/unit.ts'
import type { ExperimentEvent } from '../experiments/events.ts'
import type { DriverProgress } from '../loadtest/driver.ts'
import type { ObservedLaunch } from '../loadtest/observation/observation.ts'
import type { LiveItem, LiveUnit, LoadSecondFigures, MarkLevel } from './model/items.ts'

/** Turns the events of a run into what a page is told. What events count in total is told second by second. */
export class EventItems {
  #before: DriverProgress | null = null

  /** The items of one event that happened at `atMs`, in milliseconds since the epoch; none for what no page shows. */
  of(event: ExperimentEvent, atMs: number): readonly LiveItem[] {
    switch (event.type) {
      case 'run-started': {
        const { experiment, id, expectedS, steps } = event
        return [{ kind: 'run', atMs, experiment, id, expectedS, steps }]
      }
      case 'step-started':
        return [{ kind: 'step', atMs, label: event.label }]
      case 'phase':
        return [{ kind: 'phase', atMs, phase: event.phase }]
      case 'units':
        return [{ kind: 'units', atMs, launch: launchText(event.launch), units: event.units.map(liveUnit) }]
      case 'load': {
        // What a load tells before its first second is over is no second.
        if (event.progress.elapsedS === 0) return []
        const second = loadSecond(event.progress, this.#before)
        this.#before = event.progress
        return [{ kind: 'load', atMs, second }]
      }
      default: {
        const mark = markOf(event)
        return mark === null ? [] : [{ kind: 'mark', atMs, ...mark }]
      }
    }
  }
}

/** A unit as a page knows it: without its addresses. */
export function liveUnit({ name, role, pid, thread: number }: Unit): LiveUnit {
  const thread = number ?? null
  return { key: unitKey({ name, pid, thread }), name, role, pid, thread }
}

/** What tells a unit from all others of a run. */
export function unitKey({ name, pid, thread }: Pick<LiveUnit, 'name' | 'pid' | 'thread'>): string {
  return `${name} ${pid}${thread === null ? '' : `.${thread}`}`
}

/** A launch in words, which tell it from the others of its run where it has a trial. */
export function launchText({ model, workload, trial }: ObservedLaunch): string {
  return trial ?? (workload === undefined ? model : `${model}, ${workload}`)
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
    counts: (totals?.latencyCounts ?? []).map((count, place) =>
      Math.max(0, count - (earlier?.latencyCounts[place] ?? 0)),
    ),
  }
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
    case 'waiting':
      return { level: 'info', text: `waiting: other programs use ${event.foreignCores.toFixed(1)} cores` }
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
