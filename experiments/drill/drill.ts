import type { LateLimits } from '../../analysis/drill/score.ts'
import type { LedgerWindow } from '../../analysis/drill/window.ts'
import type { FaultProgram } from '../../cluster/faults/switch-file.ts'
import type { RunningServer, ServerChange, ServerModel } from '../../cluster/model.ts'
import type { Session } from '../../cluster/session.ts'
import type { DrillDebrief, DrillLevel, DrillPace, GoalClause } from '../../core/drill-record.ts'
import type { RetryPolicy, WorkloadRequest } from '../../core/load.ts'
import type { Unit } from '../../core/unit.ts'
import type { ClientPolicy } from '../../loadtest/drivers/steering.ts'

/**
 * An incident to practise on: one file in experiments/drill/drills/, an export `drill` whose id is the file's name. A real
 * server runs under a real load; at a hidden moment the fault begins and goes on until the drill is over; the trainee
 * finds the cause with whatever shows it and mends it with the levers; the goal is checked on the generator's ledger.
 *
 * Every drill is proved (experiments/drill/proof.ts, tests/experiments/drill/): its goal is met before the fault, not
 * during it, not after the typical wrong turn, but after the reference fix, and after another one.
 */
export interface Drill {
  readonly id: string
  /** Place in the order in which to do them, from 1. */
  readonly number: number
  readonly title: string
  readonly level: DrillLevel
  /** What a trainee needs, about. */
  readonly minutes: number
  /** What the pager says, in the words of a user's complaint: nothing that names the cause. */
  readonly page: string
  readonly server: DrillServer
  /** What clients ask from the beginning to the end. Each route is kept apart in the ledger. */
  readonly loads: readonly DrillLoad[]
  /** Starts what the drill needs beside the server, before the load begins; gives what ends it. */
  prepare?(stage: Stage): Promise<() => Promise<void>>
  readonly fault: DrillFault
  readonly levers: readonly Lever[]
  readonly goal: DrillGoal
  /** From which latency on an answer counts as late for the score, by route, in ms. */
  readonly late: LateLimits
  /** The diagnosis: which unit, which cause, which series shows it, what one would see otherwise. */
  readonly questions: readonly DrillQuestion[]
  /** Three hints, each dearer than the one before: where to look, what to see there, what to do. */
  readonly hints: readonly [string, string, string]
  readonly debrief: Omit<DrillDebrief, 'reference' | 'other' | 'wrongTurn'> & {
    readonly reference: PlayedFix
    readonly other: PlayedFix
    readonly wrongTurn: PlayedFix
  }
  /** Other lengths than the usual ones, in earnest and for `--fast` and the proof. */
  readonly pace?: { readonly usual?: Partial<DrillPace>; readonly fast?: Partial<DrillPace> }
  /** What keeps it from running on this machine, with the remedy; null where nothing does. */
  lacks?(): Promise<{ readonly what: string; readonly remedy: string } | null>
}

/** What is started: a server model with as many workers, and how they are set. */
export interface DrillServer {
  readonly model: string
  readonly workers: number
  /** Variables of every process (core/unit.ts, cluster/supervisor/settings.ts). */
  readonly environment?: Readonly<Record<string, string>>
  /** Programs that its Node processes load first; they do nothing until the fault switches them on. */
  readonly preloads?: readonly FaultProgram[]
  /** Options of Node for its processes. */
  readonly nodeOptions?: string
  /** The command that is started instead of the built-in app, for models that start commands; may write into the folder. */
  readonly startsCommand?: (dir: string) => string
}

/** Requests that come at a rate, whatever the server does (an open loop). */
export interface DrillLoad {
  readonly requests: readonly WorkloadRequest[]
  readonly ratePerS: number
  readonly arrivals: 'poisson' | 'constant'
  /** Seconds after which its clients give a request up, until a lever says otherwise. */
  readonly timeoutS: number
  /** Most connections that its clients have at once. */
  readonly maxConnections: number
  /** Connections that they open before they use one again. */
  readonly minConnections?: number
  /** Requests after which they close a connection; absent: they keep it. */
  readonly requestsPerConnection?: number
  /** How they try again what failed; absent: not at all. */
  readonly retries?: RetryPolicy
}

/** What goes wrong. */
export interface DrillFault {
  /** Said in the debrief. */
  readonly text: string
  /**
   * Begins it, and goes on with it until `stage.signal` aborts; what it did outside of the server is undone when it
   * settles. Throws when it cannot: the drill is over then, and the trainee has no part in it.
   */
  run(stage: Stage): Promise<void>
}

/** What has to be so again, for a whole window of the ledger. */
export interface DrillGoal {
  /** In a sentence, with its figures. */
  readonly text: string
  /** Every clause, collateral damage included; that every route is asked for and served is checked besides. */
  judge(window: LedgerWindow): readonly GoalClause[]
  /** Figures beside the ledger that the clauses need, once a second. Throwing is a failure of the checker. */
  facts?(stage: Stage): Promise<Readonly<Record<string, number>>>
}

/** What a value of a lever may be. */
export type LeverValue =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'number'
      readonly min: number
      readonly max: number
      readonly whole: boolean
      readonly unit: string
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'text'; readonly what: string }

/** Something that an operator can do; it does the real thing to the real server, its clients or what is around them. */
export interface Lever {
  readonly id: string
  readonly help: string
  readonly value: LeverValue
  /** What it is set to at first, in words; null where it has no state. */
  readonly initial: string | null
  /** Does it, with a value that was checked, and resolves when it is in force, with what was done in a sentence. */
  pull(stage: Stage, value: string): Promise<string>
}

/** One pull of a lever. */
export interface LeverPull {
  readonly lever: string
  readonly value?: string
}

/** Levers to pull, one after the other, and what that does and why. */
export interface PlayedFix {
  readonly pulls: readonly LeverPull[]
  readonly why: string
}

/** A question of the diagnosis. */
export interface DrillQuestion {
  readonly id: string
  readonly text: string
  /** The right one among plausible wrong ones. */
  readonly choices: readonly string[]
  readonly right: string
  /** Why it is that one. */
  readonly why: string
}

/** The running server and what is around it, as faults, levers and goals touch them. */
export interface Stage {
  readonly session: Session
  /** Aborted when the drill is over. */
  readonly signal: AbortSignal
  readonly seed: number
  /** Base URL of the dependency that `io-upstream` calls. */
  readonly dependencyUrl: string
  /** Where clients send requests. */
  readonly targets: readonly URL[]
  /** False while the server is being started anew: wait for {@link Stage.whenUp}. */
  readonly isUp: boolean
  /** True while a server is up and nothing about it is being changed: what a fault does to its workers waits for it. */
  readonly isSteady: boolean
  /** The server that runs now: another one after a redeployment. Throws TRIAL_FAILED while none is up. */
  readonly server: RunningServer
  readonly model: ServerModel
  /** Workers that there are to be now. */
  readonly workers: number
  /** Where the levers stand, by id; the fault and the goal may read it. */
  readonly levers: ReadonlyMap<string, string>
  /** Resolves once a server is up, at once where one is; rejects when the drill is over. */
  whenUp(): Promise<RunningServer>
  /** Units in service now; none while the server is being started anew. */
  units(): Promise<readonly Unit[]>
  /** The variables that have its processes load what the drill needs, with these options of Node. */
  nodeVariables(options?: string): Readonly<Record<string, string>>
  /** Notes that something else than a pull has set a lever. */
  noteLever(id: string, value: string): void
  /** Switches a preloaded program on until the drill is over. */
  switchOn(program: FaultProgram): void
  /** Changes the server while it runs: workers are replaced one after the other where their environment changes. */
  change(change: ServerChange): Promise<void>
  /** Ends the server and starts it anew on the same port, with what is given different: requests fail meanwhile. */
  redeploy(changes?: Partial<DrillServer>): Promise<void>
  /** Begins another load, which lasts until the end of the drill and is in the same ledger. */
  drive(load: DrillLoad): void
  /** Changes how the clients of all loads behave. */
  steer(policy: ClientPolicy): void
  /** Notes that the fault does something now: `facts.strikes` of that second counts it; the debrief has the text. */
  strike(text: string): void
}

/** The usual lengths: a healthy minute, the fault within the next 20 s, a goal over 20 s, and half an hour to meet it. */
export const USUAL_PACE: DrillPace = { healthyS: 60, hiddenS: 20, windowS: 20, limitS: 1800 }

/** The lengths of `--fast`. */
export const FAST_PACE: DrillPace = { healthyS: 8, hiddenS: 4, windowS: 6, limitS: 1800 }
