import { calibratedModelOf } from '../service/calibration.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import type { MachineFacts } from '../../../core/machine.ts'
import { UNBOUNDED, type Estimate } from '../../../core/records.ts'
import { meanInterval } from '../../statistics/interval.ts'
import { highestRateOf } from './crossing.ts'
import type { DemandFit } from '../scaling/demand.ts'
import { compareWithMeasured } from '../service/model-error.ts'
import { demandOf, rateTable, type RateRow } from './rate-table.ts'
import { undisturbed } from '../service/service-model.ts'
import type { SearchResult, SearchTrial } from './slo-search.ts'
import { percent, type Slo } from './slo.ts'

/** What `capacity --json` prints, also kept as capacity.json in the results folder. */
export interface CapacityResult {
  readonly schema: 'forkwise/capacity@1'
  readonly id: string
  readonly machine: MachineFacts
  readonly seed: number
  readonly slo: Slo
  readonly models: readonly ModelCapacity[]
}

/** What one model can do within an objective. */
export interface ModelCapacity {
  readonly model: string
  readonly workload: string
  /** Version of the Node that ran it; absent where no Node does, or where it was not kept. */
  readonly node?: string
  readonly workers: number
  /** Requests per second of the closed loop. */
  readonly saturationPerS: Estimate
  /** CPU per request, from rates and search trials; null with fewer than three rates. */
  readonly demand: DemandFit | null
  /** Latency against rate, with the simulation's value of the objective's first goal. */
  readonly rates: readonly (RateRow & { readonly simulatedMs: number | null })[]
  readonly search: SearchSummary
  /**
   * The highest rate by all trials of the search together, with its 95 % interval; null where they do not determine it, absent
   * in results of older versions.
   */
  readonly highestPerS?: Estimate | null
  /** What keeps a higher rate from meeting the objective, in words. */
  readonly boundBy: string
  readonly notes: readonly string[]
}

/** A search without its raw trials. */
export interface SearchSummary {
  readonly passedPerS: number | null
  readonly failedPerS: number | null
  readonly ended: SearchResult<SearchTrial>['ended']
  readonly exact: boolean
  readonly trials: number
  readonly tookS: number
  readonly budgetS: number
  readonly steps: readonly SearchedStep[]
}

/** One trial of a search. */
export interface SearchedStep {
  readonly ratePerS: number
  readonly durationS: number
  readonly passed: boolean
  readonly missed: readonly string[]
}

/** A trial of a search that can say what it missed. */
export interface JudgedTrial extends SearchTrial {
  readonly missed: readonly string[]
}

/** Puts together what was measured and searched of one model with that many workers. */
export function modelCapacity(
  measurement: CapacityMeasurement,
  workers: number,
  slo: Slo,
  search: SearchResult<JudgedTrial>,
  budgetS: number,
): ModelCapacity {
  const saturations = undisturbed(measurement.saturations, (each) => each.workers).filter(
    (each) => each.workers === workers,
  )
  const saturationPerS = meanInterval(
    saturations.map(({ throughputPerS }) => throughputPerS),
    0.95,
  ) ?? {
    estimate: 0,
    low: 0,
    high: UNBOUNDED,
  }
  const simulated = simulatedByRate(measurement, slo)
  return {
    model: measurement.model,
    workload: measurement.workload,
    ...(measurement.node === undefined ? {} : { node: measurement.node }),
    workers,
    saturationPerS,
    demand: demandOf(measurement, workers),
    rates: rateTable(measurement, slo)
      .filter((row) => row.workers === workers)
      .map((row) => Object.assign(row, { simulatedMs: simulated.get(`${workers} × ${row.ratePerS}`) ?? null })),
    search: summaryOf(search, budgetS),
    highestPerS: highestRateOf(measurement.rates, workers, slo),
    boundBy: boundOf(measurement, workers, search, saturationPerS.estimate),
    notes: notesOf(measurement),
  }
}

function summaryOf(search: SearchResult<JudgedTrial>, budgetS: number): SearchSummary {
  const { passedPerS, failedPerS, ended, exact, tookS } = search
  return {
    passedPerS,
    failedPerS,
    ended,
    exact,
    trials: search.steps.length,
    tookS,
    budgetS,
    steps: search.steps.map(({ ratePerS, durationS, trial }) => ({
      ratePerS,
      durationS,
      passed: trial.passed,
      missed: trial.missed,
    })),
  }
}

/** Why the lowest rate that failed did so: what it missed, and what was nearly full there. */
function boundOf(
  measurement: CapacityMeasurement,
  workers: number,
  search: SearchResult<JudgedTrial>,
  saturationPerS: number,
): string {
  const { failedPerS } = search
  if (failedPerS === null) {
    return 'nothing that is known: no rate was confirmed to miss the objective'
  }
  const missed = search.steps.filter((step) => step.ratePerS === failedPerS && !step.trial.passed)
  const what = missed[0]?.trial.missed.join('; ') ?? 'the objective'
  const load = failedPerS / saturationPerS
  const saturation = measurement.saturations.find((each) => each.workers === workers)
  if (load < 0.3)
    return `${what}, at only ${percent(load)} of saturation: the time of an unloaded request, not the queue`
  return `${what}, at ${percent(load)} of saturation, where the limit is ${saturation?.limit ?? 'unknown'}: ${saturation?.because ?? 'not measured'}`
}

function simulatedByRate(measurement: CapacityMeasurement, slo: Slo): Map<string, number> {
  const [goal] = slo.latency
  if (goal === undefined || measurement.routes.length === 0) return new Map()
  const service = calibratedModelOf(measurement)
  const comparisons = compareWithMeasured(measurement, service, [goal], { requests: 40_000, seed: 1 })
  return new Map(
    comparisons
      .filter(({ simulatedS }) => Number.isFinite(simulatedS[0]))
      .map(({ workers, ratePerS, simulatedS }) => [`${workers} × ${ratePerS}`, (simulatedS[0] ?? 0) * 1000]),
  )
}

function notesOf(measurement: CapacityMeasurement): string[] {
  const slices = [...measurement.saturations, ...measurement.rates]
  const disturbed = slices.filter((slice) => slice.disturbed.length > 0)
  const faults = new Set(measurement.rates.flatMap((rate) => rate.faults.map((fault) => fault.split(':')[0] ?? fault)))
  return [
    ...(disturbed.length === 0
      ? []
      : [
          `Other programs disturbed ${disturbed.length} of ${slices.length} slices${disturbed.length === slices.length ? ', all of them: trust none of this' : '; they are left out'}.`,
        ]),
    ...[...faults].map((fault) => `Some loads were not what was asked for: ${fault}.`),
  ]
}
