import type {
  DrillAct,
  DrillCosts,
  DrillPoint,
  DrillReferences,
  DrillScore,
  DrillSecond,
} from '../../core/drill-record.ts'
import { countAboveMs, quantileMs } from './window.ts'

/** Points that each hint costs, the next one more than the one before. */
export const HINT_COSTS = [5, 10, 20] as const

/** Most points for each part of a drill: more for the goal alone than all hints cost. */
export const POINTS = { goal: 40, users: 20, time: 20, diagnosis: 20 } as const

/** From which latency on an answer of a route is late, in ms; routes that are not named are never late. */
export type LateLimits = Readonly<Record<string, number>>

/** What was lost and late in some seconds. */
export function costsOf(seconds: readonly DrillSecond[], late: LateLimits): DrillCosts {
  const points = seconds.map((second) => pointOf(second, late))
  return {
    lost: points.reduce((sum, point) => sum + point.lost, 0),
    late: points.reduce((sum, point) => sum + point.late, 0),
    seconds: seconds.length,
  }
}

/** A second as the picture of a drill shows it. */
export function pointOf({ atS, routes, inFlight }: DrillSecond, late: LateLimits): DrillPoint {
  const all = Object.entries(routes)
  return {
    atS,
    answered: all.reduce((sum, [, { ok }]) => sum + ok, 0),
    lost: all.reduce(
      (sum, [, { non2xx, timeouts, connectionErrors }]) => sum + non2xx + timeouts + connectionErrors,
      0,
    ),
    late: all.reduce((sum, [route, { okLatencies }]) => sum + countAboveMs(okLatencies, late[route] ?? Infinity), 0),
    p99Ms: quantileMs(
      all.filter(([route]) => route in late).flatMap(([, { okLatencies }]) => okLatencies),
      0.99,
    ),
    inFlight,
  }
}

/**
 * What some seconds cost when they go on until there are `lengthS` of them: with the rate of the last `tailS` where there
 * are fewer; later ones are left out where there are more.
 */
export function costsOver(
  seconds: readonly DrillSecond[],
  late: LateLimits,
  { lengthS, tailS }: { readonly lengthS: number; readonly tailS: number },
): DrillCosts {
  const { lost, late: tooLate, seconds: counted } = costsOf(seconds.slice(0, lengthS), late)
  const tail = costsOf(seconds.slice(-tailS), late)
  const times = tail.seconds === 0 ? 0 : (lengthS - counted) / tail.seconds
  return { lost: Math.round(lost + times * tail.lost), late: Math.round(tooLate + times * tail.late), seconds: lengthS }
}

/** Seconds of a recording from the fault until the end: the incident. */
export function incidentOf({ seconds, acts }: Pick<DrillRun, 'seconds' | 'acts'>): readonly DrillSecond[] {
  const faultS = acts.find(({ kind }) => kind === 'fault')?.atS ?? Infinity
  const endS = acts.find(({ kind }) => kind === 'over')?.atS ?? Infinity
  return seconds.filter(({ atS }) => atS > faultS && atS <= endS + 1)
}

/** The run of a drill as far as its score needs it. */
export interface DrillRun {
  readonly seconds: readonly DrillSecond[]
  readonly acts: readonly DrillAct[]
  readonly references: DrillReferences | null
  readonly late: LateLimits
  readonly solved: boolean
  /** What a trainee needs, about. */
  readonly minutes: number
}

/**
 * The score. Whoever meets the goal has the points for that, which the dearest hints do not use up; the others are for the
 * share of the avoidable harm that users were spared, for the time it took and for the diagnosis.
 */
export function scoreOf(run: DrillRun, diagnosis: { readonly questions: number; readonly right: number }): DrillScore {
  const { acts, references, late, solved, minutes } = run
  const faultS = acts.find(({ kind }) => kind === 'fault')?.atS ?? null
  const costs = costsOf(incidentOf(run), late)
  const since = (act: DrillAct | undefined): number | null =>
    act === undefined || faultS === null ? null : Math.max(0, act.atS - faultS)
  const afterFault = acts.filter(({ atS }) => faultS !== null && atS >= faultS)
  const hints = acts.filter(({ kind }) => kind === 'hint').length
  const mendS = solved ? since(acts.find(({ kind }) => kind === 'over')) : null
  const parts =
    references === null || mendS === null
      ? null
      : {
          goal: POINTS.goal,
          users: Math.round(POINTS.users * sparedShare(costs, references)),
          time: Math.round(POINTS.time * Math.max(0, 1 - mendS / (minutes * 60))),
          diagnosis: Math.round((POINTS.diagnosis * diagnosis.right) / Math.max(1, diagnosis.questions)),
          hints: HINT_COSTS.slice(0, hints).reduce((sum, cost) => sum + cost, 0),
        }
  return {
    points: parts === null ? null : parts.goal + parts.users + parts.time + parts.diagnosis - parts.hints,
    parts,
    costs,
    references,
    detectS: since(afterFault.find(({ kind }) => kind === 'acknowledged' || kind === 'lever' || kind === 'diagnosed')),
    nameS: since(afterFault.find(({ kind }) => kind === 'diagnosed')),
    mendS,
    hints,
    ...diagnosis,
  }
}

/** Lost requests count twice as much as late ones. */
function weight({ lost, late }: DrillCosts): number {
  return 2 * lost + late
}

function sparedShare(costs: DrillCosts, { nothing, fix }: Pick<DrillReferences, 'nothing' | 'fix'>): number {
  const avoidable = weight(nothing) - weight(fix)
  return avoidable <= 0 ? 1 : Math.min(1, Math.max(0, (weight(nothing) - weight(costs)) / avoidable))
}
