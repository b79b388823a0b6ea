import type { LoadSecond, WorkloadRequest } from './load.ts'
import type { MachineFacts } from './machine.ts'
import type { Manifest, RecordedModel } from './records.ts'

/** What a resilience run is going to do. */
export interface ResiliencePlan {
  readonly models: readonly string[]
  readonly faults: readonly string[]
  readonly workers: number
  /** Launches of each model under each fault. */
  readonly repeats: number
  readonly seed: number
  /** The rate for all models, as a share of the lowest capacity among them. */
  readonly share: number
  /** Seconds after which the generator gives a request up and counts it as hung. */
  readonly timeoutS: number
  /** Seconds of load before the fault, in which nothing is done to the server. */
  readonly baselineS: number
  /** Seconds of silence after which a supervisor that listens for signs of life replaces a worker. */
  readonly heartbeatTimeoutS: number
  readonly nodePath: string | null
  /** Nodes of the models that run on another one, by model; absent where there is none. */
  readonly nodePaths?: Readonly<Record<string, string>>
  /** The interpreter of the models in Python; absent = Debian's. */
  readonly pythonPath?: string
}

/** From when the time to full strength counts: the injection, its end, or not at all where nothing is lost at once. */
export type RecoveryFrom = 'injection' | 'end' | null

/** A fault as it is kept in a result. */
export interface RecordedFault {
  readonly id: string
  readonly title: string
  readonly question: string
  readonly recoveryFrom: RecoveryFrom
}

/** A model as it is kept in a resilience result. */
export interface ResilienceModel extends RecordedModel {
  /** `clean` where a reload promises to fail no request. */
  readonly reload: 'clean' | 'rough' | null
  /** Who restarts dead workers; null where nobody does. */
  readonly restartedBy: string | null
}

/** A fault that cannot be injected into a model, and why. */
export interface NotOffered {
  readonly model: string
  readonly fault: string
  readonly reason: string
}

/** manifest.json of a resilience run: all that is known before its first launch. */
export interface ResilienceManifest {
  readonly schema: 'forkwise/resilience-manifest@2'
  readonly id: string
  readonly createdAt: string
  readonly forkwiseVersion: string
  /** The command line that makes the run again. */
  readonly command: string
  readonly machine: MachineFacts
  readonly plan: ResiliencePlan
  readonly requests: readonly WorkloadRequest[]
  readonly models: readonly ResilienceModel[]
  readonly faults: readonly RecordedFault[]
  readonly notOffered: readonly NotOffered[]
  readonly unavailable: Manifest['unavailable']
}

/** rates.json: what the models can do without a fault, and what is asked of them. */
export interface ResilienceRates {
  readonly schema: 'forkwise/resilience-rates@1'
  /** Requests per second at saturation, each model once. */
  readonly capacities: readonly { readonly model: string; readonly ratePerS: number }[]
  /** Models that could not be measured, which are left out. */
  readonly failed: readonly { readonly model: string; readonly message: string }[]
  /** The rate of the open loop, the same for every model. */
  readonly ratePerS: number
}

/** How the requests of one load ended: the generator's ledger, and how many of the good answers were slow. */
export interface RequestLedger {
  readonly sent: number
  readonly ok: number
  readonly non2xx: number
  readonly connectionErrors: number
  /** No answer until the generator gave up. */
  readonly timeouts: number
  /** Never sent, since no connection became free. */
  readonly unsent: number
  readonly inFlightAtEnd: number
  /** Good answers that took longer than the limit. */
  readonly slowed: number
}

/** What became of tasks that were put into a queue. */
export interface TaskLedger {
  readonly accepted: number
  readonly done: number
  /** Begun more than once, whether they were done in the end or not. */
  readonly repeated: number
  /** Begun and not done. */
  readonly lost: number
  /** Never begun. */
  readonly waiting: number
}

/** How a request ended that computes for seconds, sent before a worker is killed so that one has work in hand. */
export interface LongRequestEnd {
  /** Status of its answer; null when none came. */
  readonly status: number | null
  /** What ended it without an answer, as `ECONNRESET`; null when it was answered, or waited until it was given up. */
  readonly error: string | null
  /** Where the answer was a job: the status at its address in the end (200 done, 202 not done yet, 500 lost). */
  readonly jobStatus?: number
}

/** What became of the task that a process of a queue had in hand when it was killed. */
export interface HeldTask {
  /** How many times a worker began it. */
  readonly begun: number
  readonly done: boolean
}

/** What was found while a fault was at work, besides what the requests show; each where it applies. */
export interface InjectionFacts {
  /** The unit into which it was injected. */
  readonly unit?: string
  /** Whether it had been computing for a while by then. */
  readonly computing?: boolean
  /** The long request that was sent before it; absent where none was. */
  readonly longRequest?: LongRequestEnd
  /** The task that the unit had in hand, under a model with a task queue; absent where it had none. */
  readonly heldTask?: HeldTask
  /** Starts that crashed while they were made to. */
  readonly crashedStarts?: number
  /** Seconds for which every start crashed. */
  readonly crashingS?: number
  /** Whether a stopped worker was replaced before it was let go on. */
  readonly replaced?: boolean
  /** Workers that others took the place of. */
  readonly recycled?: number
  /** Requests after which a worker was to be replaced. */
  readonly maxRequests?: number
  /** Resident memory of the largest worker process, in bytes: when the load began, and at most. */
  readonly memory?: { readonly firstBytes: number; readonly peakBytes: number }
  /** Requests per second that were asked for in all. */
  readonly offeredPerS?: number
  /** What became of the tasks of a model with a task queue, from its launch until some time after the load. */
  readonly tasks?: TaskLedger
}

/** One injection of a fault. */
export interface InjectionRecord {
  /** Seconds since the counted load began. */
  readonly atS: number
  /** Seconds until it was over. */
  readonly tookS: number
  readonly facts: InjectionFacts
}

/** A moment at which the units in service changed. */
export interface ServiceChange {
  /** Seconds since the injection. */
  readonly atS: number
  /** What the topology wants and was not in service, in words; empty at full strength. */
  readonly missing: readonly string[]
}

/** Memory of a server at one moment. */
export interface MemoryMoment {
  /** Seconds since the injection; below 0 before it. */
  readonly atS: number
  /** Resident memory of all its processes. */
  readonly rssBytes: number
}

/** Which launch of which model under which fault. */
interface CellIdentity {
  readonly schema: 'forkwise/resilience-cell@2'
  readonly model: string
  readonly fault: string
  /** From 1. */
  readonly repeat: number
  readonly seed: number
}

/** One launch of one model into which a fault was injected: a line of cells.ndjson. */
export interface FaultedCell extends CellIdentity {
  readonly outcome: 'faulted'
  readonly ratePerS: number
  /** The load before the fault. */
  readonly baseline: RequestLedger & { readonly p50Ms: number | null; readonly p99Ms: number | null }
  /** A good answer that took longer than this, in ms, counts as slowed. */
  readonly slowLimitMs: number
  readonly injection: InjectionRecord
  /** The load during which the fault was injected, from a second before it to its end. */
  readonly faulted: RequestLedger
  /** What an overload asked for on top; null for other faults. */
  readonly extra: RequestLedger | null
  readonly errors: readonly { readonly message: string; readonly count: number }[]
  readonly seconds: readonly LoadSecond[]
  readonly connectionsOpened: number
  /** Changes since the injection; the first one is the state right after it. */
  readonly service: readonly ServiceChange[]
  /** Memory from before the injection to the end, about once a second; absent in runs of before 2026-11-26. */
  readonly memory?: readonly MemoryMoment[]
  /** Seconds for which the server was watched after the injection. */
  readonly watchedS: number
  /** CPU of other programs meanwhile, in cores. */
  readonly foreignCores: number
}

/** A cell that could not be made. */
export interface FailedCell extends CellIdentity {
  readonly outcome: 'failed'
  readonly error: { readonly code: string; readonly message: string }
}

/** One line of cells.ndjson. */
export type ResilienceCell = FaultedCell | FailedCell

/** Values of the repetitions, in their order. */
export type PerRepeat<T> = readonly T[]

/** All that was found about one model under one fault; every list has a value for each repetition. */
export interface ResilienceRow {
  readonly model: string
  readonly fault: string
  readonly repeats: number
  readonly sent: PerRepeat<number>
  readonly ok: PerRepeat<number>
  readonly connectionErrors: PerRepeat<number>
  readonly non2xx: PerRepeat<number>
  /** No answer until the generator gave up. */
  readonly hung: PerRepeat<number>
  /** Never sent, since every connection was busy, or without an end when the run was over. */
  readonly unfinished: PerRepeat<number>
  readonly slowed: PerRepeat<number>
  readonly slowLimitMs: PerRepeat<number>
  /** Failed or hung in the baseline load: should be 0. */
  readonly failedBefore: PerRepeat<number>
  /** Seconds until every unit was in service and the rate was back; null = not while it was watched, or not asked. */
  readonly fullStrengthS: PerRepeat<number | null>
  /** Its two parts: units, by their files (to 25 ms), and rate (in whole seconds of the generator's clock). */
  readonly unitsBackS: PerRepeat<number | null>
  readonly rateBackS: PerRepeat<number | null>
  readonly watchedS: PerRepeat<number>
  readonly facts: PerRepeat<InjectionFacts>
  /** The most frequent errors over all repetitions. */
  readonly errors: readonly { readonly message: string; readonly count: number }[]
  /** Whether a clean reload, where one is promised, failed nothing; null where none is. */
  readonly promise: 'kept' | 'broken' | null
  /** What explains the counts, in sentences. */
  readonly because: readonly string[]
}

/** result.json of a resilience run: what `resilience --json` prints. */
export interface ResilienceResult {
  readonly schema: 'forkwise/resilience@2'
  readonly id: string
  readonly machine: MachineFacts
  readonly plan: ResiliencePlan
  readonly capacities: ResilienceRates['capacities']
  readonly ratePerS: number
  readonly summary: readonly string[]
  readonly faults: readonly RecordedFault[]
  readonly rows: readonly ResilienceRow[]
  readonly notOffered: readonly NotOffered[]
  readonly failed: readonly { readonly model: string; readonly fault: string | null; readonly message: string }[]
  readonly unavailable: Manifest['unavailable']
  readonly notes: readonly string[]
}
