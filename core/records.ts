import type { LatencySummary, LoadRecord, WarmupRecord, Workload } from './load.ts'
import type { MachineFacts } from './machine.ts'
import type { Unit } from './unit.ts'

/** CPU time and memory of one unit's process over a slice. Threads of a process are not split: their process has it. */
export interface ProcessUsage {
  readonly name: string
  readonly role: Unit['role']
  readonly pid: number
  /** User + system time over the slice, in seconds, dead children included. */
  readonly cpuS: number
  readonly rssBytes: number
  /** Proportional set size; null where the kernel does not let us read it. */
  readonly pssBytes: number | null
}

/** What the rest of the machine did during a slice. */
export interface HostUsage {
  readonly wallS: number
  /** CPU of everything that is not ours, in cores. */
  readonly foreignCores: number
  /** Stolen by the hypervisor, as a share of all CPU time. */
  readonly stealRatio: number
  /** CPU of the generator's processes, in cores. */
  readonly generatorCores: number
  /** CPU of the dependency process, in cores. */
  readonly dependencyCores: number
  /** CPU of the processes that the user named as dependencies of the app, in cores; absent where none was named. */
  readonly appDependencyCores?: number
  /** Times the cgroup was throttled during the slice; null where unknown. */
  readonly throttled: number | null
  /** True when the server's processes could not be separated from others', so that its CPU is in `foreignCores`. */
  readonly serverUnseen?: boolean
}

/** One slice of a trial: one load over a warm server, with what the server and the machine did meanwhile. */
export interface SliceRecord {
  /** Histograms are taken out (kept beside, in histograms/) unless the record is in memory. */
  readonly load: LoadRecord
  readonly server: readonly ProcessUsage[]
  readonly host: HostUsage
  /** CPU seconds of all units / answers, in milliseconds; null without answers. */
  readonly cpuMsPerRequest: number | null
  /** Why the load was not what was asked for (late sends, say); absent or empty when it was. */
  readonly faults?: readonly string[]
  /** Requests each worker counted during the slice, by unit name; empty where the server does not report them. */
  readonly workerRequests: Readonly<Record<string, number>>
  /** Requests each proxy answered itself during the slice, by unit name; absent where none does. */
  readonly proxyRequests?: Readonly<Record<string, number>>
}

/** Client and server counts of one trial side by side. */
export interface Reconciliation {
  readonly clientAnswered: number
  readonly clientSent: number
  /** Null where the server has no counters. */
  readonly serverAnswered: number | null
  /** What the recorded series (or Prometheus) hold; null or absent where nothing was recorded. */
  readonly stored?: number | null
  readonly agrees: boolean
}

/** A load test's identity: which launch of which model under which workload. */
export interface TrialIdentity {
  readonly schema: 'forkwise/trial@2'
  /** `b03-cluster-cpu`, unique in the run. */
  readonly id: string
  readonly block: number
  /** Place in the block's seeded order. */
  readonly position: number
  readonly model: string
  /** True for the second launch of the baseline (A/A control). */
  readonly control: boolean
  readonly workload: string
  readonly workers: number
  readonly seed: number
  readonly startedAtMs: number
}

/** A trial that measured. */
export interface MeasuredTrial extends TrialIdentity {
  /** `invalid` trials measured something, but not what was asked; `reasons` says why. */
  readonly outcome: 'valid' | 'invalid'
  readonly reasons: readonly string[]
  /** Seconds from the first spawn to the last worker's readiness. */
  readonly startS: number
  readonly warmup: WarmupRecord | null
  /** Slice A: closed loop at saturation. */
  readonly saturation: SliceRecord
  /** Slice B: open loop at the rate common to all models; null where the plan has none. Not used when it has faults. */
  readonly latency: SliceRecord | null
  readonly units: readonly Unit[]
  readonly reconciliation: Reconciliation
  /** What limited the saturation slice, with the evidence in words. */
  readonly bottleneck: Bottleneck
  /** Processes that ended although nobody asked them to, each as subject and verb of a sentence; absent where none did. */
  readonly died?: readonly string[]
}

/** A trial that could not be run. */
export interface FailedTrial extends TrialIdentity {
  readonly outcome: 'failed'
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string; readonly log?: string }
}

/** One line of trials.ndjson. */
export type TrialRecord = MeasuredTrial | FailedTrial

/** What limited a slice. */
export interface Bottleneck {
  readonly limit:
    | 'workers'
    | 'generator'
    | 'supervisor'
    | 'proxy'
    | 'dependency'
    | 'connections'
    | 'machine'
    /** Something in the app that is not CPU: a pool of connections to a database, say. */
    | 'app'
    | 'unknown'
  readonly because: string
}

/**
 * Outcome of the gates of one block under one workload: outside signals only. Within a block the trials of all models
 * under one workload are adjacent in time; they are kept or dropped together, and replaced by a block of a new number.
 */
export interface BlockRecord {
  readonly schema: 'forkwise/block@1'
  readonly block: number
  readonly workload: string
  /** False when all trials of this block under this workload were dropped. */
  readonly kept: boolean
  readonly reasons: readonly string[]
  /** Seconds that it took, launches and the wait for a quiet machine included; absent in older records. */
  readonly tookS?: number
}

/** After how many blocks of a workload its comparisons are looked at: each number from `from` on below `planned`, and its last. */
export interface Looks {
  readonly from: number
  readonly planned: number
}

/** What one experiment is going to do: a value that can be printed, validated, saved and compared. */
export interface ExperimentPlan {
  readonly kind: 'pilot' | 'full'
  readonly models: readonly string[]
  readonly baseline: string
  readonly workloads: readonly string[]
  readonly workers: number
  readonly blocks: number
  readonly maxBlocks: number
  /** Absent in pilots and older records: nothing ends before its last block. */
  readonly looks?: Looks
  readonly seed: number
  readonly warmup: { readonly minS: number; readonly maxS: number; readonly minCount: number }
  /** Like `latencyS` a mean over the workloads, which need not have the same ({@link PilotRecord.sliceSeconds}). */
  readonly saturationS: number
  /** 0 = no latency slice. */
  readonly latencyS: number
  readonly timeoutS: number
  /** Rate of the latency slices where one was asked for; absent = the pilot finds one. */
  readonly ratePerS?: number
  readonly metrics: boolean
  /** Absolute path of the user's app module, or null for the built-in app. */
  readonly app: string | null
  /** How that app is started; absent for the built-in one, and in older records. */
  readonly appStart?: OwnAppStart
  /** What the answers of all models must have in common; absent = status, type and body, as the baseline repeats itself. */
  readonly equality?: EqualityRule
  readonly nodePath: string | null
  /** Node binaries of the models that need a newer Node than the others run on, by model; absent = none does. */
  readonly nodePaths?: Readonly<Record<string, string>>
  /** The interpreter of the models in Python; absent = Debian's. */
  readonly pythonPath?: string
  /** CPUs for generator and server; null = they share. */
  readonly placement: { readonly generator: readonly number[]; readonly server: readonly number[] } | null
  /** Processes of the user's own that the app calls; absent where none was named. */
  readonly dependencies?: readonly AppDependency[]
  readonly control: boolean
  /** Seconds the whole run is expected to take. */
  readonly expectedS: number
  /** Seconds that it may take; absent where no budget was named. */
  readonly budgetS?: number
}

/** A process of the user's own that the app calls, a database say, by its pid or the port that it listens at. */
export interface AppDependency {
  /** In words: `postgres (port 5432)`. */
  readonly name: string
  readonly pid: number | null
  /** Null where a pid names it. */
  readonly port: number | null
}

/** How a user's own app is started: what a look at it found out, or what the user said. */
export interface OwnAppStart {
  /** The server of it that is measured: `exported`, `PORT`, `socket`, or the port that it asks for. */
  readonly servedBy?: string
  /** Address of a module that lets Node run it (tsx, for TypeScript). */
  readonly loader?: string
  /** Command that starts it, where it is no module of Node; it listens on `$PORT`. */
  readonly command?: string
  /** Absolute folder that it runs in; absent = the one in which Forkwise was started. */
  readonly cwd?: string
}

/** What a variant of a server model has of its own; all else is as for the whole comparison. */
export interface Variant {
  /** Id of the server model. */
  readonly model: string
  readonly workers?: number
  /** Absolute path of the app module. */
  readonly app?: string
  readonly appStart?: OwnAppStart
  readonly env?: Readonly<Record<string, string>>
  /** Absolute path of the interpreter of a model in Python. */
  readonly python?: string
  readonly ref?: RecordedRevision
}

/** The git revision that an app is of. */
export interface RecordedRevision {
  /** As it was asked for. */
  readonly name: string
  /** Full hash of the commit. */
  readonly commit: string
  /** Where it came from and went to, for a run that is resumed. Absent in older records. */
  readonly checkout?: {
    /** Absolute path of the repository. */
    readonly root: string
    /** Absolute path of the folder that it was checked out into, which is gone after the run. */
    readonly dir: string
    /** The command that built it; absent where nothing was built. */
    readonly build?: string
  }
}

/** What the answers of all models must have in common before anything is measured. */
export interface EqualityRule {
  /** `status`, `headers`, `body` or `json` (loadtest/equality has what they mean). */
  readonly level: 'status' | 'headers' | 'body' | 'json'
  /** Places that are not compared: `$.now`, `header:x-request-id`, `body`. */
  readonly ignore: readonly string[]
}

/** A workload as it is kept in a result: data only. */
export type RecordedWorkload = Omit<Workload, 'connections'> & { readonly connections: number }

/** A server of the user's own that ran before the comparison and outlives it. */
export interface OutsideServer {
  /** Base address, on this machine. */
  readonly url: string
  /** Root of its processes; null when its CPU and memory are not to be known. */
  readonly pid: number | null
}

/** A model as it is kept in a result. */
export interface RecordedModel {
  readonly id: string
  readonly title: string
  readonly tradeoff: string
  readonly routing: string
  readonly executor: string
  /** Version of the Node that ran it, e.g. `v24.21.0`; absent where no Node does, and in older runs. */
  readonly node?: string
  /** The Python that ran it, where one was named: `PyPy 7.3.11 (Python 3.9.16)`. */
  readonly python?: string
  /** Set when it is no model of ours, but a server that ran already. */
  readonly outside?: OutsideServer
  /** Set when it is a variant of a model. */
  readonly variant?: Variant
}

/** manifest.json: everything about a run that is known before its first trial. */
export interface Manifest {
  readonly schema: 'forkwise/manifest@2'
  readonly id: string
  readonly createdAt: string
  readonly forkwiseVersion: string
  /** The command line that makes the run again. */
  readonly command: string
  readonly machine: MachineFacts
  readonly plan: ExperimentPlan
  readonly workloads: readonly RecordedWorkload[]
  readonly models: readonly RecordedModel[]
  readonly unavailable: readonly { readonly model: string; readonly reason: string; readonly remedy: string }[]
  /** Which CPUs generator and server had, in a sentence; absent in older runs. */
  readonly cpus?: string
  /** What was found about the machine before the run began; absent in runs of before 2026-11-24. */
  readonly preflight?: readonly MachineFinding[]
}

/** One thing that was looked at before a run, and what to do about it when it will spoil results. */
export interface MachineFinding {
  readonly check: string
  /** `critical`: results made like this are not to be trusted; `warning`: they are less sure than they could be. */
  readonly level: 'ok' | 'warning' | 'critical'
  readonly found: string
  /** What to do; empty when nothing is to be done. */
  readonly remedy: string
}

/** Lengths of a trial's slices in seconds; 0 = no latency slice. */
export interface SliceSeconds {
  readonly saturationS: number
  readonly latencyS: number
}

/** Found in the pilot, before the first block: pilot.json. */
export interface PilotRecord {
  readonly schema: 'forkwise/pilot@1'
  /** Requests per second of each model and workload in the pilot. */
  readonly capacities: readonly { readonly model: string; readonly workload: string; readonly ratePerS: number }[]
  /** Rate of slice B for each workload: 0.6 × the lowest capacity. */
  readonly commonRates: Readonly<Record<string, number>>
  /** Lengths of the slices by workload; absent in older records: the plan's for each. */
  readonly sliceSeconds?: Readonly<Record<string, SliceSeconds>>
  /** The bare CPU function in one process, calls per second, by workload; for efficiency. */
  readonly bareRates: Readonly<Record<string, number>>
  /**
   * Models left out of the blocks of a workload, or of all where none is named: refused by the equivalence gate, or unable to
   * start; with the reason.
   */
  readonly refused: readonly { readonly model: string; readonly workload?: string; readonly reason: string }[]
  /** Differences that are a trait of a model rather than a fault, e.g. a server that closes every connection. */
  readonly notes: readonly string[]
  /** Seconds that it took; absent in older records. */
  readonly tookS?: number
}

/** Bound of an interval that nothing bounds (a single block), in memory; null where a result is written (core/estimate.ts). */
export const UNBOUNDED: number = Number.MAX_VALUE

/** An estimate with its 95 % interval unless said otherwise; a bound is ±{@link UNBOUNDED} where nothing bounds it. */
export interface Estimate {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** The four calls. */
export type Call = 'better' | 'worse' | 'same' | 'inconclusive'

/** A metric on which models are compared. */
export type VerdictMetric = 'throughput' | 'cpu-per-request' | 'latency-p50' | 'latency-p95' | 'latency-p99'

/** Is the candidate better than the baseline? `better` always means better for the user (more throughput, less CPU). */
export interface Verdict {
  readonly workload: string
  readonly metric: VerdictMetric
  readonly baseline: string
  readonly candidate: string
  /** candidate / baseline, with the interval that holds for all comparisons of the family at once. */
  readonly ratio: Estimate & { readonly confidence: number }
  /** How many comparisons of this metric in the run share the error rate of the interval. */
  readonly family?: number
  /** The 90 % interval of this comparison alone, which decides on `same` (two one-sided tests). */
  readonly equivalence?: Estimate
  /** Hodges-Lehmann estimate of the ratio with its 95 % interval: the check against blocks far from the rest. */
  readonly robust?: Estimate
  readonly call: Call
  /** The reason in one sentence, with what would settle an inconclusive one. */
  readonly because: string
  /** Kept blocks behind it; 0 where it shows what was measured in blocks that were all dropped. */
  readonly blocks: number
  /** Blocks in all, including those at hand, that an inconclusive verdict needs, if that can be estimated. */
  readonly blocksNeeded: number | null
  /** True when too few blocks or samples were left to weigh it at all: it says nothing of the models. */
  readonly scarce?: boolean
  /** True when what was measured is not to be trusted, so that no call was made: the control differed from itself, or every block was dropped. */
  readonly withheld?: boolean
}

/** All that was found about one model under one workload. */
export interface ResultCell {
  readonly model: string
  readonly workload: string
  readonly workers: number
  readonly blocks: number
  readonly throughputRps: Estimate | null
  readonly cpuMsPerRequest: Estimate | null
  /** Of slice B, pooled over blocks, at `ratePerS`; null where there was none. */
  readonly latencyMs: (LatencySummary & { readonly ratePerS: number }) | null
  /** Intervals of the pooled quantiles above; null where too few samples resolve them. */
  readonly latencyIntervalsMs?: {
    readonly p50: Estimate | null
    readonly p95: Estimate | null
    readonly p99: Estimate | null
  }
  /** Latency of each route of the mix in slice B. */
  readonly routes: readonly { readonly route: string; readonly latencyMs: LatencySummary }[]
  readonly errors: number
  readonly timeouts: number
  /** Share of the requests of each worker, largest first, mean over blocks. */
  readonly workerShare: readonly number[]
  /** How evenly the requests were spread over the workers; null where the server does not report it. */
  readonly fairness?: Fairness | null
  /** Who answered at saturation, over all kept trials, where a proxy can answer requests itself; absent elsewhere. */
  readonly answeredBy?: AnsweredBy
  /** Mean over blocks of the sum over all units (PSS where readable, else RSS). */
  readonly rssBytes: number | null
  readonly memoryKind: 'pss' | 'rss'
  /**
   * throughput / (min(workers, cores) × bare rate), CPU workloads only; `workers` are those that the model has, which is one
   * for a model of one process, whatever the plan asks for.
   */
  readonly efficiency: number | null
  readonly generatorCores: number | null
  /** Connections of the closed loop; null where nothing was measured. */
  readonly connections?: number | null
  readonly startS: number | null
  readonly bottleneck: Bottleneck
}

/** How many requests the proxies answered themselves, by unit name, and how many the workers behind them. */
export interface AnsweredBy {
  readonly proxies: Readonly<Record<string, number>>
  readonly workers: number
}

/** How evenly something is spread over workers. */
export interface Fairness {
  /** Jain's index: 1 = all the same, 1/n = one has everything. */
  readonly jain: number
  /** Workers that got nothing. */
  readonly idleWorkers: number
  /** Largest share minus smallest share. */
  readonly shareSpread: number
}

/** What the rest of a mixed workload does to one of its routes, in slice B. */
export interface Interference {
  readonly model: string
  readonly workload: string
  readonly route: string
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Longest latency of the route minus its usual one: p50 alone where that was measured, else its own p50. */
  readonly worstStallMs: number | null
  /** The same request measured without the rest of the mix; null where no workload has it alone. */
  readonly alone: {
    readonly workload: string
    readonly ratePerS: number
    readonly p50Ms: number | null
    readonly p99Ms: number | null
    /** Latency in the mix / latency alone, with 95 % intervals; null where it cannot be determined. */
    readonly p50Ratio: Estimate | null
    readonly p99Ratio: Estimate | null
  } | null
}

/** result.json: what `compare --json` prints. */
export interface Result {
  readonly schema: 'forkwise/result@2'
  readonly id: string
  readonly kind: 'pilot' | 'full'
  readonly machine: MachineFacts
  readonly seed: number
  readonly baseline: string
  readonly workers: number
  /** The verdict in words: one sentence per workload, and one on Nodes where the models ran on several. */
  readonly summary: readonly string[]
  readonly cells: readonly ResultCell[]
  readonly verdicts: readonly Verdict[]
  /** Routes of mixed workloads: the effect of the rest of the mix on each. */
  readonly interference?: readonly Interference[]
  /** Models that were not measured, or not under the workload that is named. */
  readonly unavailable: readonly (Manifest['unavailable'][number] & { readonly workload?: string })[]
  /** Rates of the latency slices, each with the model of the lowest capacity, which set it; absent in older results. */
  readonly commonRates?: readonly {
    readonly workload: string
    readonly ratePerS: number
    readonly setBy: string
    readonly capacityPerS: number
  }[]
  readonly validity: Validity
}

/** Seconds of a comparison. */
export interface MeasuringTime {
  /** In which requests were counted that its figures are made of: slices of valid trials, without those whose load was not as asked for. */
  readonly countedS: number
  /** That pilot and blocks took in all; pauses between parts of a resumed run are in none. */
  readonly tookS: number
  /** That pilot and blocks were expected to take. */
  readonly announcedS: number
}

/** How far the result can be trusted. */
export interface Validity {
  readonly blocksPlanned: number
  /** Of the workload with the fewest, where there are others without those that are `settled`. */
  readonly blocksKept: number
  /** Workloads that ended before their last planned block, since more would have decided nothing else; absent where none did. */
  readonly settled?: readonly string[]
  /** What the time of the run went to; absent in older results. */
  readonly time?: MeasuringTime
  readonly blocksDropped: readonly {
    readonly block: number
    readonly workload: string
    readonly reasons: readonly string[]
  }[]
  readonly trialsInvalid: readonly { readonly id: string; readonly reasons: readonly string[] }[]
  readonly trialsFailed: readonly { readonly id: string; readonly message: string }[]
  /** A/A ratios of the baseline against its A/A control, throughput where no metric is named; null where there was none. */
  readonly control:
    | readonly { readonly workload: string; readonly ratio: Estimate; readonly metric?: VerdictMetric }[]
    | null
  /** Workloads whose verdicts are withheld because their control differed from itself, with the reason in `notes`. */
  readonly withheld: readonly string[]
  /** The calibration's certificate, or null: the report says so. */
  readonly certificate: Certificate | null
  readonly notes: readonly string[]
}

/** What `calibrate` proved on this machine. */
export interface Certificate {
  readonly schema: 'forkwise/certificate@1'
  readonly createdAt: string
  readonly machineId: string
  readonly forkwiseVersion: string
  readonly rows: readonly {
    readonly proof: string
    readonly truth: string
    readonly measured: string
    readonly error: string
    readonly goal: string
    readonly passed: boolean
  }[]
}
