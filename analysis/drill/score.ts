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

/** Points that a wrong or missing answer of the diagnosis costs. */
const WRONG_ANSWER_COST = 5

/** From which latency on an answer of a route is late, in ms; routes that are not named are never late. */
export type LateLimits = Readonly<Record<string, number>>

/** What was lost and late in some seconds, and what is still open at their end counts as lost where it is older than 3 s. */
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
 * The score: of what doing nothing for as long would have cost and the reference fix saved, the share that the trainee
 * saved as well, in points of 100, less what hints and wrong answers cost.
 */
export function scoreOf(
  run: {
    readonly seconds: readonly DrillSecond[]
    readonly acts: readonly DrillAct[]
    readonly references: DrillReferences | null
    readonly late: LateLimits
    readonly solved: boolean
  },
  diagnosis: { readonly questions: number; readonly right: number },
): DrillScore {
  const { seconds, acts, references, late, solved } = run
  const faultS = acts.find(({ kind }) => kind === 'fault')?.atS ?? null
  const endS = acts.find(({ kind }) => kind === 'over')?.atS ?? Infinity
  const costs = costsOf(faultS === null ? [] : seconds.filter(({ atS }) => atS > faultS && atS <= endS + 1), late)
  const since = (act: DrillAct | undefined): number | null =>
    act === undefined || faultS === null ? null : Math.max(0, act.atS - faultS)
  const afterFault = acts.filter(({ atS }) => faultS !== null && atS >= faultS)
  const hints = acts.filter(({ kind }) => kind === 'hint').length
  const scaled =
    references === null ? null : { nothing: scaledTo(references.nothing, costs.seconds), fix: references.fix }
  const deductions =
    HINT_COSTS.slice(0, hints).reduce((sum, cost) => sum + cost, 0) +
    WRONG_ANSWER_COST * (diagnosis.questions - diagnosis.right)
  return {
    points: scaled === null || !solved ? null : Math.max(0, Math.round(100 * savedShare(costs, scaled) - deductions)),
    costs,
    references: scaled,
    detectS: since(afterFault.find(({ kind }) => kind === 'acknowledged' || kind === 'lever' || kind === 'diagnosed')),
    nameS: since(afterFault.find(({ kind }) => kind === 'diagnosed')),
    mendS: solved ? since(acts.find(({ kind }) => kind === 'over')) : null,
    hints,
    ...diagnosis,
  }
}

/** Lost requests count twice as much as late ones. */
function weight({ lost, late }: DrillCosts): number {
  return 2 * lost + late
}

function savedShare(costs: DrillCosts, { nothing, fix }: NonNullable<DrillScore['references']>): number {
  const avoidable = weight(nothing) - weight(fix)
  return avoidable <= 0 ? 1 : Math.min(1, Math.max(0, (weight(nothing) - weight(costs)) / avoidable))
}

function scaledTo({ lost, late, seconds: counted }: DrillCosts, seconds: number): DrillCosts {
  const factor = counted === 0 ? 0 : seconds / counted
  return { lost: Math.round(lost * factor), late: Math.round(late * factor), seconds }
}
