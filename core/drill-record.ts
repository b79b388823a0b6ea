import type { LedgerSecond } from './ledger.ts'
import type { MachineFacts } from './machine.ts'

/** Of the three levels of drills, 1 is where to begin. */
export type DrillLevel = 1 | 2 | 3

/** Something that has to be so for the goal of a drill, with what was measured of it. */
export interface GoalClause {
  readonly id: string
  /** What has to be so, with its limit: `p99 of io below 100 ms`. */
  readonly text: string
  readonly met: boolean
  /** What was measured, with its unit: `412 ms`. */
  readonly measured: string
}

/**
 * What the checker says of a window of the ledger: solved; not yet, with what is missing in the clauses that are not met;
 * or that it could not check, which says nothing about the trainee.
 */
export type Judgement =
  | { readonly outcome: 'solved' | 'not-yet'; readonly atS: number; readonly clauses: readonly GoalClause[] }
  | { readonly outcome: 'checker-failed'; readonly atS: number; readonly reason: string }

/** A second of a drill as it is kept. */
export interface DrillSecond extends LedgerSecond {
  readonly schema: 'forkwise/drill-second@1'
  /** Seconds since the load began, at its end. */
  readonly atS: number
  /** What the loads of the drill had to send in it: requests by route. */
  readonly asked: Readonly<Record<string, number>>
  /** Other figures that the goal of the drill needs, by name. */
  readonly facts: Readonly<Record<string, number>>
}

/** Something that happened in a drill. `atS` counts from the begin of the load. */
export type DrillAct =
  | { readonly kind: 'healthy'; readonly schema: 'forkwise/drill-act@1'; readonly atS: number }
  /** The fault begins. */
  | { readonly kind: 'fault'; readonly schema: 'forkwise/drill-act@1'; readonly atS: number; readonly text: string }
  /** What the fault does, e.g. kills a worker. */
  | { readonly kind: 'strike'; readonly schema: 'forkwise/drill-act@1'; readonly atS: number; readonly text: string }
  /** The trainee says that something is wrong. */
  | { readonly kind: 'acknowledged'; readonly schema: 'forkwise/drill-act@1'; readonly atS: number }
  | {
      readonly kind: 'lever'
      readonly schema: 'forkwise/drill-act@1'
      readonly atS: number
      readonly lever: string
      readonly value: string | null
      /** What it did, or why it could not be done. */
      readonly text: string
      readonly done: boolean
      /** Seconds until it was in force. */
      readonly tookS: number
    }
  | { readonly kind: 'hint'; readonly schema: 'forkwise/drill-act@1'; readonly atS: number; readonly number: number }
  | {
      readonly kind: 'diagnosed'
      readonly schema: 'forkwise/drill-act@1'
      readonly atS: number
      readonly answers: Readonly<Record<string, string>>
    }
  /** The drill is over: solved, given up, out of time, or the checker failed, for a reason. */
  | {
      readonly kind: 'over'
      readonly schema: 'forkwise/drill-act@1'
      readonly atS: number
      readonly how: DrillEnd
      readonly reason: string | null
    }

/** Where a drill stands, as its trainee may know it. */
export interface DrillStatus {
  readonly drill: string
  readonly title: string
  readonly page: string
  readonly goal: string
  readonly targets: readonly string[]
  readonly judgement: Judgement | null
  readonly levers: readonly {
    readonly id: string
    readonly help: string
    readonly value: string
    readonly now: string | null
  }[]
  readonly hintsLeft: number
}

/** How a drill may end. */
export const DRILL_ENDS = ['solved', 'given-up', 'time-over', 'checker-failed'] as const

/** How a drill ended. */
export type DrillEnd = (typeof DRILL_ENDS)[number]

/** How long the parts of a drill take. */
export interface DrillPace {
  /** Seconds before the fault may come. */
  readonly healthyS: number
  /** Most seconds more until it comes. */
  readonly hiddenS: number
  /** Seconds of the ledger that the goal is checked on. */
  readonly windowS: number
  /** Seconds after the fault in which the drill has to be solved. */
  readonly limitS: number
}

/** manifest.json of a drill. */
export interface DrillManifest {
  readonly schema: 'forkwise/drill-manifest@1'
  readonly id: string
  readonly createdAt: string
  readonly forkwiseVersion: string
  /** The command that makes such a run again. */
  readonly command: string
  readonly machine: MachineFacts
  readonly drill: string
  readonly seed: number
  readonly pace: DrillPace
  /** True where the fault was shown from the beginning, and there is no score. */
  readonly revealed: boolean
}

/** What was lost and late from the fault until the end: answers other than expected, none at all, and those too late. */
export interface DrillCosts {
  readonly lost: number
  readonly late: number
  /** Seconds that were counted. */
  readonly seconds: number
}

/**
 * What doing nothing, and the reference fix made at once, cost on this machine over as many seconds as the incident of the
 * trainee had.
 */
export interface DrillReferences {
  readonly schema: 'forkwise/drill-references@1'
  readonly nothing: DrillCosts
  readonly fix: DrillCosts
  /** Seconds that were played of each; what is missing to the whole length goes on at the rate of the last ones. */
  readonly playedS: { readonly nothing: number; readonly fix: number }
}

/** What the points of a drill that was solved consist of. */
export interface DrillPoints {
  /** For the goal. */
  readonly goal: number
  /** For what users were spared of what doing nothing costs and the reference fix avoids. */
  readonly users: number
  /** For the time until the goal was met. */
  readonly time: number
  /** For right answers of the diagnosis. */
  readonly diagnosis: number
  /** Taken off for hints. */
  readonly hints: number
}

/** The score of a trainee. */
export interface DrillScore {
  /** 1 to 100; null where there is no reference, or the drill was not solved. */
  readonly points: number | null
  /** What they consist of. */
  readonly parts: DrillPoints | null
  readonly costs: DrillCosts
  /** Null where they were not recorded. */
  readonly references: Omit<DrillReferences, 'schema'> | null
  /** Seconds from the fault to the first sign that the trainee saw it, to the diagnosis, and to the goal; null = never. */
  readonly detectS: number | null
  readonly nameS: number | null
  readonly mendS: number | null
  readonly hints: number
  readonly questions: number
  readonly right: number
}

/** A question of the diagnosis with what was answered. */
export interface DrillAnswer {
  readonly id: string
  readonly question: string
  readonly choices: readonly string[]
  readonly right: string
  /** Null where it was not answered. */
  readonly given: string | null
  readonly why: string
}

/** What is told when a drill is over. */
export interface DrillDebrief {
  readonly fault: string
  /** What each panel or command showed. */
  readonly showed: readonly string[]
  readonly reference: { readonly lines: readonly string[]; readonly why: string }
  readonly other: { readonly lines: readonly string[]; readonly why: string }
  readonly wrongTurn: { readonly lines: readonly string[]; readonly why: string }
  /** The alert that should have fired, by name; null where none can see it. */
  readonly alert: string | null
  /** Why none, or what it says. */
  readonly alertNote: string
  /** The server model that does not have the problem, with the command that shows it. */
  readonly model: string
  readonly lesson: string
}

/** result.json of a drill. */
export interface DrillResult {
  readonly schema: 'forkwise/drill-result@1'
  readonly manifest: DrillManifest
  readonly number: number
  readonly title: string
  readonly level: DrillLevel
  readonly page: string
  readonly goal: string
  readonly end: DrillEnd
  readonly reason: string | null
  /** The last judgement of the checker; null where there was none. */
  readonly judgement: Judgement | null
  readonly acts: readonly DrillAct[]
  readonly answers: readonly DrillAnswer[]
  readonly score: DrillScore
  readonly debrief: DrillDebrief
  /** Share of requests that failed or were late, and p99, second by second, for the picture. */
  readonly seconds: readonly DrillPoint[]
}

/** A second of the picture of a drill. */
export interface DrillPoint {
  readonly atS: number
  readonly answered: number
  readonly lost: number
  readonly late: number
  readonly p99Ms: number | null
  readonly inFlight: number
}
