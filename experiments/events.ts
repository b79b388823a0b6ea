import type { SearchResult, SearchTrial } from '../analysis/capacity/objective/slo-search.ts'
import type { CountRow, ValidationRow } from '../analysis/capacity/planning/validation.ts'
import type { SpreadRecord } from '../analysis/comparison/spread.ts'
import type { MeasuredRate, MeasuredRoute, MeasuredSaturation } from '../core/capacity.ts'
import type { DrillAct, DrillStatus, Judgement } from '../core/drill-record.ts'
import type { LabTrial } from '../core/lab-record.ts'
import type { BlockRecord, Certificate, PilotRecord, TrialIdentity, TrialRecord, Verdict } from '../core/records.ts'
import type { ResilienceCell, ResilienceRates } from '../core/resilience-record.ts'
import type { HeardItem } from '../core/timeline.ts'
import type { Unit } from '../core/unit.ts'
import type { DriverProgress } from '../loadtest/driver-progress.ts'
import type { ObservedLaunch } from '../loadtest/observation/observation.ts'
import type { Confirmation } from '../store/capacity-findings.ts'

/** The experiments of Forkwise, by the name of the command that runs each. */
export type ExperimentName =
  | 'compare'
  | 'resilience'
  | 'scale'
  | 'capacity'
  | 'plan'
  | 'validate-plan'
  | 'observe'
  | 'serve'
  | 'load'
  | 'calibrate'
  | 'fairness'
  | 'lab'
  | 'drill'

/**
 * What an experiment reports while it runs. All of it is plain data: `JSON.stringify` carries every event to a file, a
 * browser or a queue as it is. Records in events carry no histograms.
 */
export type ExperimentEvent =
  | RunEvent
  | ServerEvent
  | ComparisonEvent
  | CapacityEvent
  | ResilienceEvent
  | CalibrationEvent
  | FairnessEvent
  | LabExperimentEvent
  | DrillExperimentEvent

/** Events of every experiment. */
export type RunEvent =
  | {
      readonly type: 'run-started'
      readonly experiment: ExperimentName
      readonly id: string
      /** The results folder; null where nothing is kept. */
      readonly dir: string | null
      /** Number of `step-started` events to expect; null when it cannot be known. */
      readonly steps: number | null
      /** Seconds the run is expected to take; null when it lasts until it is stopped. */
      readonly expectedS: number | null
    }
  /** The results folder was made after the run had begun. */
  | { readonly type: 'folder-made'; readonly dir: string }
  /** Leftovers of runs that died were ended. */
  | { readonly type: 'leftovers-ended'; readonly sessions: number; readonly processes: number }
  /** A run that keeps a timeline is over, or failed. */
  | { readonly type: 'run-ended'; readonly text: string; readonly failed: boolean }
  /** The next part of the run begins; the one before it is over. */
  | { readonly type: 'step-started'; readonly label: string }
  /** What is being done now, within the same step. */
  | { readonly type: 'activity'; readonly text: string }
  /** Waiting for other programs to use less of the machine. */
  | { readonly type: 'waiting'; readonly foreignCores: number }
  /** Waiting because the machine's speed varies too much. */
  | { readonly type: 'unsettled'; readonly found: string; readonly pauseS: number }
  /** A process of ours died; what was measured meanwhile is dropped. `how` ends the sentence. */
  | { readonly type: 'part-died'; readonly part: string; readonly how: string; readonly restarted: boolean }
  /** Something the user should know, in whole sentences. */
  | { readonly type: 'note'; readonly level: 'info' | 'warning'; readonly text: string }
  /** About once a second while a load runs. A reader that is late gets only the newest. */
  | { readonly type: 'load'; readonly progress: DriverProgress }

/** Events about the running server. */
export type ServerEvent =
  /** The run is in this phase: `starting`, `saturation`, `latency`, `baseline`, `stopping` …; `starting` says of which launch, where that is known. */
  | { readonly type: 'phase'; readonly phase: string; readonly launch?: ObservedLaunch }
  /** These processes and threads are in service now. */
  | { readonly type: 'units'; readonly launch: ObservedLaunch; readonly units: readonly Unit[] }
  /** What the units in service reported: figures and heartbeats once a second, heartbeats more often while somebody watches. */
  | { readonly type: 'units-heard'; readonly item: HeardItem }
  /** A server that runs until it is stopped is ready. */
  | {
      readonly type: 'server-ready'
      readonly targets: readonly string[]
      readonly units: readonly Unit[]
      /** Address of a Prometheus that reads it, and of its page of alerts; null where there is none. */
      readonly prometheus: string | null
      readonly alerts: string | null
      /** Address of a page with a link into that Prometheus for every panel of the dashboards. */
      readonly panels: string | null
    }
  /** A Prometheus holds the series of a run that is over, from its first reading to its last, in ms since the epoch. */
  | {
      readonly type: 'series-loaded'
      readonly prometheus: string
      /** Address of a page with a link into that Prometheus for every panel of the dashboards. */
      readonly panels: string
      readonly fromMs: number
      readonly toMs: number
      readonly samples: number
    }
  /** A fault begins or ends. */
  | { readonly type: 'fault'; readonly fault: string; readonly active: boolean }

/** Events of `compare`. */
export type ComparisonEvent =
  /** A model is left out of the blocks of a workload, or of all where none is named. */
  | {
      readonly type: 'model-refused'
      readonly model: string
      readonly workload?: string
      readonly reason: string
    }
  | { readonly type: 'pilot-finished'; readonly pilot: PilotRecord }
  | { readonly type: 'trial-started'; readonly trial: TrialIdentity }
  | { readonly type: 'trial-finished'; readonly trial: TrialRecord }
  | { readonly type: 'block-finished'; readonly block: BlockRecord }
  /** The gates rejected a block; another one replaces it. */
  | { readonly type: 'block-dropped'; readonly block: BlockRecord }
  /** What is left of the run takes this long, by the blocks so far. */
  | { readonly type: 'time-left'; readonly seconds: number }
  /**
   * The verdicts of the blocks so far, by the rules of the report, after each round of blocks and at the end. Before the
   * end they are provisional: the blocks to come may change them.
   */
  | { readonly type: 'verdicts'; readonly provisional: boolean; readonly verdicts: readonly Verdict[] }
  /** The run ends before the planned number of blocks: more would decide nothing else, or its budget is used up. */
  | { readonly type: 'stopping-early'; readonly because: string }

/** Which launch of a run of measurements an event is about. */
export interface MeasuredLaunch {
  readonly model: string
  readonly workload: string
  readonly workers: number
  /** Number of the block, from 1, out of `blocks`. */
  readonly block: number
  readonly blocks: number
}

/** What was measured in one slice, without histograms; what limited a saturation is known once its run is over. */
export type MeasuredSlice =
  | ({ readonly kind: 'saturation' } & Omit<MeasuredSaturation, 'limit' | 'because' | 'evidence'>)
  | ({ readonly kind: 'unloaded' } & Omit<MeasuredRoute, 'histogram'>)
  | ({ readonly kind: 'rate' } & Omit<MeasuredRate, 'histogram' | 'arrivals'>)

/** Events of `scale`, `capacity`, `plan` and `validate-plan`. */
export type CapacityEvent =
  | { readonly type: 'launch-started'; readonly launch: MeasuredLaunch }
  | { readonly type: 'slice-finished'; readonly launch: MeasuredLaunch; readonly slice: MeasuredSlice }
  /** A launch is measured through, and what was found is kept. */
  | { readonly type: 'launch-finished'; readonly launch: MeasuredLaunch }
  /** The highest rate within an objective is sought. */
  | { readonly type: 'search-started'; readonly search: SearchedServer; readonly budgetS: number }
  /** One rate of a search was tried. */
  | {
      readonly type: 'rate-tried'
      readonly search: SearchedServer
      readonly ratePerS: number
      readonly durationS: number
      readonly met: boolean
      /** Goals that were missed, in words. */
      readonly missed: readonly string[]
      /** What outside signals hold against the trial that was judged; empty = nothing. */
      readonly disturbed: readonly string[]
      readonly elapsedS: number
    }
  | {
      readonly type: 'search-finished'
      readonly search: SearchedServer
      readonly passedPerS: number | null
      readonly failedPerS: number | null
      readonly ended: SearchResult<SearchTrial>['ended']
      readonly tookS: number
    }
  /** A part of a long computation begins; nothing is measured meanwhile. */
  | { readonly type: 'computing'; readonly what: string }
  /** A planned server was run. */
  | { readonly type: 'confirmation-finished'; readonly confirmation: Confirmation }
  /** Predictions for a model were held against what was measured of it. */
  | { readonly type: 'model-validated'; readonly model: string; readonly rows: readonly ValidationRow[] }
  /** A planned worker count was held against the one that was needed. */
  | { readonly type: 'count-validated'; readonly row: CountRow }

/** What a search is about. */
export interface SearchedServer {
  readonly model: string
  readonly workload: string
  readonly workers: number
  readonly objective: string
}

/** Events of `resilience`. */
export type ResilienceEvent =
  | { readonly type: 'rates-found'; readonly rates: ResilienceRates }
  | { readonly type: 'cell-started'; readonly model: string; readonly fault: string; readonly repeat: number }
  | { readonly type: 'cell-finished'; readonly cell: ResilienceCell }

/** Events of `calibrate`. */
export type CalibrationEvent = {
  /** A group of proofs is over. */
  readonly type: 'proof-finished'
  readonly proof: string
  readonly rows: Certificate['rows']
}

/** Events of `fairness`. */
export type FairnessEvent = {
  /** It was counted how one number of connections was spread in one launch. */
  readonly type: 'spread-measured'
  readonly record: SpreadRecord
}

/** Events of `lab`. */
export type LabExperimentEvent = {
  /** One repetition of one case was measured, or could not be. */
  readonly type: 'lab-trial-finished'
  readonly trial: Omit<LabTrial, 'events'>
}

/** Events of `drill`. What would give the fault away is reported only where it is revealed. */
export type DrillExperimentEvent =
  /** The server runs under its load, and other terminals can control the drill. */
  | { readonly type: 'drill-ready'; readonly status: DrillStatus }
  /** The checker has judged the last seconds. */
  | { readonly type: 'drill-judged'; readonly judgement: Judgement }
  /** The trainee did something, or something happened that the trainee may know. */
  | { readonly type: 'drill-act'; readonly act: DrillAct }

/** Publishes an event; never throws and never waits. */
export interface Emit {
  (event: ExperimentEvent): void
  /** Whether somebody watches the units now, so that their heartbeats are read more often; absent where nobody can. */
  readonly isWatched?: () => boolean
}
