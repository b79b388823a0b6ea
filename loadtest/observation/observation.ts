import type { LoadRecord } from '../../core/load.ts'
import type { Unit } from '../../core/unit.ts'
import type { DriverProgress } from '../driver-progress.ts'

/** One launch of a server that is observed. Its fields become identity labels of all its series. */
export interface ObservedLaunch {
  readonly model: string
  /** Absent when no planned workload drives it (`observe`, `serve`). */
  readonly workload?: string
  /** Identity of the trial, unique in the run: it separates the series of one launch from the next one's. */
  readonly trial?: string
}

/** What the store of an observation holds about one launch once it is over. */
export interface StoredCounts {
  /** Requests of the workload that the stored series counted; null when nothing counted them. */
  readonly stored: number | null
}

/** Where an observation's series are when it is over. */
export interface ObservationPlace {
  readonly folder: string
  /** Address of a Prometheus that still runs and holds them; null when none does. */
  readonly url: string | null
}

/**
 * Watches the units of every launch of a run and keeps their metrics as series, with the run's own phases, faults and
 * generator figures beside them. One observation lasts a whole run. No method throws or rejects: what goes wrong is
 * reported once through {@link ObservationOptions.onProblem}, and the run goes on without what is lost.
 */
export interface Observation {
  /** Address of the Prometheus that takes the series in while the run lasts; null where there is none. */
  readonly url: string | null
  /**
   * The units of the running launch are now these; call it again when workers come and go, and with an empty list
   * before the server is asked to stop, so that an intended end does not look like a failure.
   */
  unitsChanged(launch: ObservedLaunch, units: readonly Unit[]): void
  /**
   * The run is now in this phase: `starting`, `saturation`, `latency` or any other word. One phase spans at most one
   * load: the counts in {@link DriverProgress} start again with each. Its progress separates the driver's warm-up from
   * its drain: they need no phase of their own. `launch`: the one that is being started.
   */
  phase(name: string, launch?: ObservedLaunch): void
  /** The driver's live figures, as they come. */
  progress(progress: DriverProgress): void
  /** A load is over: what its last second and its drain brought is counted too. */
  loadEnded(record: LoadRecord): void
  /** A fault begins or ends, e.g. `kill`. */
  fault(name: string, active: boolean): void
  /**
   * The units of the launch are in service and nothing was asked of them yet: resolves once the series hold a reading of
   * each, so that what follows is seen from its beginning (at most {@link FIRST_READING_LIMIT_MS}).
   */
  launched(launch: ObservedLaunch): Promise<void>
  /**
   * The launch answered its last request; its units still run. Waits until the series hold a reading of every unit
   * that is younger than this call (a second or so, at most {@link FINAL_READING_LIMIT_MS}), then counts.
   */
  trialEnded(launch: ObservedLaunch): Promise<StoredCounts>
  /** How what keeps the series died at or after a time of `performance.now()`, each as subject and verb of a sentence. */
  trouble(sinceMs: number): readonly string[]
  /** The run is over: completes what is on disk. Idempotent. */
  close(): Promise<ObservationPlace | null>
}

/** Options of every kind of observation. */
export interface ObservationOptions {
  /** Identity of the run, the `run_id` of all series. */
  readonly runId: string
  /** Folder of the observation, made if need be: `<results>/series` or the like. */
  readonly dir: string
  /** Told once for each distinct problem, in a sentence or two with its remedy. */
  onProblem(message: string): void
}

/** Longest wait for the first reading of a launch, in milliseconds: Prometheus takes up to 6 s to notice a new target. */
export const FIRST_READING_LIMIT_MS = 10_000

/** Longest wait for the last reading of a launch, in milliseconds: a worker may have been replaced just before it. */
export const FINAL_READING_LIMIT_MS = 7000

/** Keeps nothing and costs nothing. */
export const UNOBSERVED: Observation = {
  url: null,
  unitsChanged: () => undefined,
  phase: () => undefined,
  progress: () => undefined,
  loadEnded: () => undefined,
  fault: () => undefined,
  launched: async () => undefined,
  trialEnded: async () => ({ stored: null }),
  trouble: () => [],
  close: async () => null,
}
