import type { Estimate, Verdict } from './records.ts'
import type { Unit } from './unit.ts'

/**
 * One thing that happened in a run, in the order of time: plain data that is kept in the run's folder and crosses to a
 * browser as JSON. `atMs` is in milliseconds since the epoch.
 */
export type TimelineItem =
  | {
      /** The run begins, or goes on after it stopped. */
      readonly kind: 'run'
      readonly atMs: number
      /** The version of what follows; set where it is kept. */
      readonly schema?: 'forkwise/timeline@1'
      /** The process that runs it, so that others can see whether it still does; set where it is kept. */
      readonly process?: { readonly pid: number; readonly birth: string } | null
      readonly experiment: string
      readonly id: string
      /** Seconds it is expected to take; null when it lasts until it is stopped. */
      readonly expectedS: number | null
      readonly steps: number | null
    }
  | { readonly kind: 'step'; readonly atMs: number; readonly label: string }
  | {
      /** What is done with the server now; `starting` names the launch that begins, where that is known. */
      readonly kind: 'phase'
      readonly atMs: number
      readonly phase: string
      readonly launch?: string
    }
  /** The units of a launch are these now; none: it is asked to stop. */
  | { readonly kind: 'units'; readonly atMs: number; readonly launch: string; readonly units: readonly TimelineUnit[] }
  | { readonly kind: 'load'; readonly atMs: number; readonly second: LoadSecondFigures }
  /** Figures of the last second, by the key of the unit. */
  | { readonly kind: 'figures'; readonly atMs: number; readonly units: Readonly<Record<string, UnitFigures>> }
  /** Kept beats can be seen again later; the others only move what is on the page. */
  | {
      readonly kind: 'beats'
      readonly atMs: number
      readonly kept: boolean
      readonly beats: Readonly<Record<string, Beat>>
    }
  /** Something to remember: a fault, a note, a block that was dropped. */
  | { readonly kind: 'mark'; readonly atMs: number; readonly level: MarkLevel; readonly text: string }
  /** What is held against what: the goals of an objective from now on; none: there is no objective any more. */
  | {
      readonly kind: 'objective'
      readonly atMs: number
      readonly text: string
      readonly limits: readonly LatencyLimit[]
    }
  /** Verdicts as the blocks so far have them. They decide nothing before they are final. */
  | {
      readonly kind: 'verdicts'
      readonly atMs: number
      readonly final: boolean
      readonly verdicts: readonly TimelineVerdict[]
    }
  | { readonly kind: 'end'; readonly atMs: number; readonly text: string; readonly failed: boolean }

/** The limit of one statistic of the latency, e.g. of `p99`. */
export interface LatencyLimit {
  readonly name: string
  readonly ms: number
}

/** A verdict without its reasons. */
export type TimelineVerdict = Pick<
  Verdict,
  'workload' | 'metric' | 'baseline' | 'candidate' | 'call' | 'blocks' | 'withheld'
> & {
  readonly ratio: Estimate
}

/** How much a mark matters. */
export type MarkLevel = 'info' | 'warning' | 'fault'

/** What a load is doing: its counted part is between its warm-up and its drain. */
export type LoadPhase = 'warmup' | 'counting' | 'draining'

/** An event loop that has not turned for so long, in seconds, is blocked: four beats in a row are missing. */
export const BLOCKED_S = 0.2

/** What was heard of the units: heartbeats of a moment, or figures of a second. */
export type HeardItem = Extract<TimelineItem, { readonly kind: 'beats' | 'figures' }>

/** One unit of a running server, without its addresses. */
export interface TimelineUnit {
  /** Unique over all launches: name, pid, and the thread where it is one. */
  readonly key: string
  readonly name: string
  readonly role: string
  readonly pid: number
  readonly thread: number | null
}

/** What was heard of a unit at one moment. */
export interface Beat {
  /** What the kernel says of its process; `unknown` where it says nothing. */
  readonly process: 'running' | 'stopped' | 'gone' | 'unknown'
  /** When its event loop turned last, on its own clock in seconds; null for a unit that has no heartbeat. */
  readonly turnedAtS: number | null
  /** Seconds since its event loop last turned; null likewise, and when it did not answer. */
  readonly ageS: number | null
  /** The unit says that it is leaving. */
  readonly draining: boolean
}

/** Figures of one unit over one second; null where it does not report them. */
export interface UnitFigures {
  readonly cpuCores: number | null
  readonly rssBytes: number | null
  readonly ratePerS: number | null
  readonly active: number | null
  readonly connections: number | null
  /** Share of the second in which the event loop was not idle. */
  readonly utilization: number | null
}

/** One second of a load, as its generator counted it. */
export interface LoadSecondFigures {
  readonly phase: LoadPhase
  /** Seconds since the load began, this one included; no whole number where a slice ends within a second. */
  readonly elapsedS: number
  /** Answers in this second; at the end of a slice that ends within one, answers a second in the rest of it. */
  readonly ratePerS: number
  /** What an open loop asked for; null in a closed one. */
  readonly offeredPerS: number | null
  /** Requests of this second that failed. */
  readonly failed: number
  /** Requests in flight at its end; null where the generator does not report it. */
  readonly inFlight: number | null
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** 99th percentile of send minus intended start, in ms; null in a closed loop. */
  readonly latenessP99Ms: number | null
  /** Busy share of the generator's event loop. */
  readonly generatorBusy: number | null
  /** Answers of this second by latency: one count for each bound of the catalogue's durations, then those above. */
  readonly counts: readonly number[]
  /** The same for each route, where the load has several. */
  readonly routes?: Readonly<Record<string, readonly number[]>>
}

/** A unit without its addresses. */
export function timelineUnit({ name, role, pid, thread: number }: Unit): TimelineUnit {
  const thread = number ?? null
  return { key: unitKey({ name, pid, thread }), name, role, pid, thread }
}

/** What distinguishes a unit from all others of a run. */
export function unitKey({ name, pid, thread }: Pick<TimelineUnit, 'name' | 'pid' | 'thread'>): string {
  return `${name} ${pid}${thread === null ? '' : `.${thread}`}`
}
