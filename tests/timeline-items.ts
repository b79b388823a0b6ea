import type { Beat, TimelineUnit, LoadSecondFigures, UnitFigures } from '../core/timeline.ts'

/** A worker as a page knows it. */
export function worker(place: number, pid: number): TimelineUnit {
  return { key: `worker-${place} ${pid}`, name: `worker-${place}`, role: 'worker', pid, thread: null }
}

/** A beat of a loop that turned at this second of its clock, a moment ago. */
export function beat(turnedAtS: number, more: Partial<Beat> = {}): Beat {
  return { process: 'running', turnedAtS, ageS: 0.02, draining: false, ...more }
}

/** A second of load, changed as a test needs it. */
export function loadFigures(elapsedS: number, more: Partial<LoadSecondFigures> = {}): LoadSecondFigures {
  return {
    phase: 'counting',
    elapsedS,
    ratePerS: 100,
    offeredPerS: null,
    failed: 0,
    inFlight: 4,
    p50Ms: 2,
    p99Ms: 9,
    latenessP99Ms: null,
    generatorBusy: 0.2,
    counts: [0, 40, 50, 10],
    ...more,
  }
}

/** Figures of a unit over one second, changed as a test needs it. */
export function unitFigures(more: Partial<UnitFigures> = {}): UnitFigures {
  return { cpuCores: 0.5, rssBytes: 8e7, ratePerS: 50, active: 2, connections: 5, utilization: 0.6, ...more }
}
