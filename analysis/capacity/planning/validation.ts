import { SEARCH_BLOCK, type CapacityMeasurement, type MeasuredRate } from '../../../core/capacity.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { Estimate } from '../../../core/records.ts'
import { normalQuantile } from '../../statistics/normal.ts'
import { compareWithMeasured, errorAt, measuredOverS, modelErrors, type ModelError } from '../service/model-error.ts'
import { calibratedModelOf } from '../service/calibration.ts'
import { replay } from '../service/replay.ts'
import { latencyS, loadsOf, simulateScenario, type Scenario } from '../service/scenario-simulation.ts'
import type { ServiceModel } from '../service/service-model.ts'
import { scenarioOf, situationOf, situationsOf, slownessOf } from '../service/situations.ts'
import type { LatencyGoal, Slo } from '../objective/slo.ts'

/** A measurement parted in two: what predictions are made from, and what they are held against. */
export interface HeldOut {
  readonly known: CapacityMeasurement
  readonly heldOut: readonly MeasuredRate[]
}

/** One prediction beside what was measured. */
export interface ValidationRow {
  /** `p99` (seconds) or `highest rate` (per second). */
  readonly what: string
  readonly workers: number
  readonly ratePerS: number | null
  readonly load: number
  readonly predicted: number
  readonly measured: number
  /** predicted / measured − 1. */
  readonly error: number
  /** Standard deviation of `error` that would be chance if the prediction were right; null where that is not known, absent in older results. */
  readonly chance?: number | null
  /** Largest error that passes; null for rows that are shown but not judged. */
  readonly goal: number | null
  readonly passed: boolean
}

/** A worker count that was planned, beside the one that a real server needed. */
export interface CountRow {
  readonly routing: string
  readonly ratePerS: number
  readonly objective: string
  /** Null where the planner said that no count would do, or that it cannot tell. */
  readonly planned: number | null
  readonly needed: number
  readonly verdict: 'exact' | 'one more' | 'too many' | 'too few' | 'no plan'
}

/** Largest errors that pass, and the highest load at which latency is judged. */
export const VALIDATION_GOALS = { rate: 0.1, p99: 0.2, highestLoad: 0.8, near: 0.9, tooFew: 0.05 } as const

/** Length and seed of the simulations behind predictions. */
const RUN = { requests: 60_000, seed: 1 } as const

/**
 * Parts a measurement in half: of the fewest worker count every other rate is known, beginning with the lowest; of the
 * others the rates between those. With `fewestOnly`, nothing is known of the others: that shows how far predictions
 * reach beyond what was measured. Trials of a search are neither known nor held out: they are what a predicted highest
 * rate is held against.
 */
export function holdOut(
  measurement: CapacityMeasurement,
  { fewestOnly = false }: { readonly fewestOnly?: boolean } = {},
): HeldOut {
  const measured = measurement.rates.filter(({ block }) => block !== SEARCH_BLOCK)
  const counts = [...new Set(measurement.saturations.map(({ workers }) => workers))].sort((a, b) => a - b)
  const known = new Set<string>()
  for (const [place, workers] of counts.entries()) {
    if (fewestOnly && place > 0) break
    const rates = new Set(measured.filter((rate) => rate.workers === workers).map(({ ratePerS }) => ratePerS))
    for (const [index, ratePerS] of [...rates].sort((a, b) => a - b).entries()) {
      if (index % 2 === Math.min(place, 1)) known.add(situationOf({ workers, ratePerS }))
    }
  }
  const isKnown = (rate: MeasuredRate): boolean => known.has(situationOf(rate))
  return {
    known: {
      ...measurement,
      saturations: measurement.saturations.filter(({ workers }) => !fewestOnly || workers === counts[0]),
      rates: measured.filter(isKnown),
    },
    heldOut: measured.filter((rate) => !isKnown(rate)),
  }
}

/**
 * Predicts what more workers do from measurements of the fewest alone, for the arrivals that were sent. Shown, not
 * judged: it asks for more than a plan does, which measures as many workers as there are cores.
 */
export function extrapolateLatency(measurement: CapacityMeasurement, goal: LatencyGoal): ValidationRow[] {
  const parted = holdOut(measurement, { fewestOnly: true })
  const fewest = Math.min(...parted.known.saturations.map(({ workers }) => workers))
  // Beyond twice what is known nothing is predicted.
  const heldOut = parted.heldOut.filter(({ workers }) => workers > fewest && workers <= 2 * fewest)
  return validateLatency({ ...parted, heldOut }, goal).map((each) =>
    Object.assign(each, { what: `${each.what} from ${fewest} alone`, goal: null, passed: true }),
  )
}

/** Predicts the latency of every held-out rate, for the arrivals that were sent, and sets the two side by side. */
export function validateLatency({ known, heldOut }: HeldOut, goal: LatencyGoal): ValidationRow[] {
  const { service, error } = modelOf(known, goal)
  return [...situationsOf(heldOut).values()].flatMap((rates) => {
    const scenario = scenarioOf(known, rates)
    const { load } = loadsOf(service, scenario, service.busyS(scenario.workers).busyS.estimate)
    const histograms = rates.map((rate) => LatencyHistogram.fromBase64(rate.histogram))
    const measured = measuredOverS(rates, histograms, goal)
    if (measured === null || load >= 1) return []
    const { simulatedS, variances } = replay(known, service, scenario, rates, [goal], RUN)
    const predicted = (simulatedS[0] ?? 0) * Math.exp(errorAt(error, load, scenario.workers).bias)
    if (!Number.isFinite(predicted)) return []
    const chance = variances === null ? null : Math.sqrt(variances[0] ?? 0)
    const judged = load <= VALIDATION_GOALS.highestLoad
    return [{ ...row(goal.name, scenario, load, predicted, measured, judged ? VALIDATION_GOALS.p99 : null), chance }]
  })
}

/** The predicted latency of `workers` workers where each of them is busy for a share `load` of the time. */
export function predictLatencyAt(
  measurement: CapacityMeasurement,
  goal: LatencyGoal,
  workers: number,
  load: number,
): number {
  const { service, error } = modelOf(measurement, goal)
  const ratePerS = (load * workers) / service.busyS(workers).busyS.estimate
  return predictLatency(measurement, service, { workers, ratePerS, cores: measurement.machine.cores }, goal, error)
}

/**
 * Compares a predicted highest rate with the one that the trials of a search determine (with its 95 % interval). The
 * prediction is for a machine as fast as it was during these trials, with a generator as costly.
 */
export function validateRate(
  { known }: HeldOut,
  slo: Slo,
  workers: number,
  measuredPerS: Estimate,
  trials: readonly MeasuredRate[],
): ValidationRow {
  const service = calibratedModelOf(known)
  const setting = {
    besideCpuS: trials.length === 0 ? 0 : (scenarioOf(known, trials).besideCpuS ?? 0),
    busyFactor: slownessOf(known, service, trials),
  }
  const predicted = predictHighestRate(known, slo, workers, setting)
  const scenario: Scenario = { ...setting, workers, ratePerS: predicted, cores: known.machine.cores }
  const { load } = loadsOf(service, scenario, service.busyS(workers).busyS.estimate)
  const { estimate, low, high } = measuredPerS
  const chance = Math.log(high / low) / (2 * normalQuantile(0.975))
  return { ...row('highest rate', scenario, load, predicted, estimate, VALIDATION_GOALS.rate), chance }
}

/** The highest rate at which that many workers are predicted to meet every latency goal, in requests per second. */
export function predictHighestRate(
  measurement: CapacityMeasurement,
  slo: Slo,
  workers: number,
  setting: Pick<Scenario, 'besideCpuS' | 'busyFactor'> = {},
): number {
  const models = slo.latency.map((goal) => ({ goal, ...modelOf(measurement, goal) }))
  const cores = measurement.machine.cores
  const meets = (ratePerS: number): boolean =>
    models.every(({ goal, service, error }) => {
      const scenario: Scenario = { ...setting, workers, ratePerS, cores }
      if (loadsOf(service, scenario, service.busyS(workers).busyS.estimate).load >= 1) return false
      return predictLatency(measurement, service, scenario, goal, error) < goal.limitS
    })
  const busyS = models[0]?.service.busyS(workers).busyS.estimate ?? 1
  let low = 0
  let high = (1.2 * workers) / busyS
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2
    if (meets(middle)) low = middle
    else high = middle
  }
  return low
}

/** Names a planned count, or that there was none, beside a needed one. */
export function judgeCount(planned: number | null, needed: number): CountRow['verdict'] {
  if (planned === null) return 'no plan'
  if (planned < needed) return 'too few'
  if (planned === needed) return 'exact'
  return planned === needed + 1 ? 'one more' : 'too many'
}

/** Whether enough planned counts are exact or one more, and few enough too few. */
export function countsPass(rows: readonly CountRow[]): boolean {
  const share = (of: (row: CountRow) => boolean): number => rows.filter(of).length / rows.length
  return (
    share(({ verdict }) => verdict === 'exact' || verdict === 'one more') >= VALIDATION_GOALS.near &&
    share(({ verdict }) => verdict === 'too few') <= VALIDATION_GOALS.tooFew
  )
}

function modelOf(
  measurement: CapacityMeasurement,
  goal: LatencyGoal,
): { service: ServiceModel; error: ModelError | undefined } {
  const service = calibratedModelOf(measurement)
  const [error] = modelErrors(compareWithMeasured(measurement, service, [goal], RUN), [goal])
  return { service, error }
}

function predictLatency(
  measurement: CapacityMeasurement,
  service: ServiceModel,
  scenario: Scenario,
  goal: LatencyGoal,
  error: ModelError | undefined,
): number {
  const { load } = loadsOf(service, scenario, service.busyS(scenario.workers).busyS.estimate)
  const result = simulateScenario(measurement, service, scenario, 1, RUN)
  return latencyS(result, goal) * Math.exp(errorAt(error, load, scenario.workers).bias)
}

function row(
  what: string,
  scenario: Scenario,
  load: number,
  predicted: number,
  measured: number,
  goal: number | null,
): ValidationRow {
  const error = predicted / measured - 1
  return {
    what,
    workers: scenario.workers,
    ratePerS: what === 'highest rate' ? null : scenario.ratePerS,
    load,
    predicted,
    measured,
    error,
    chance: null,
    goal,
    passed: goal === null || Math.abs(error) <= goal,
  }
}
