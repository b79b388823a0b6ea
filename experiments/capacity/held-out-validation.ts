import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CapacityResult } from '../../analysis/capacity/objective/capacity-result.ts'
import { highestRateOf } from '../../analysis/capacity/objective/crossing.ts'
import { parseSlo, type LatencyGoal, type Slo } from '../../analysis/capacity/objective/slo.ts'
import {
  extrapolateLatency,
  holdOut,
  predictHighestRate,
  predictLatencyAt,
  validateLatency,
  validateRate,
  VALIDATION_GOALS,
  type HeldOut,
  type ValidationRow,
} from '../../analysis/capacity/planning/validation.ts'
import { finish, type Pieces } from '../../analysis/pieces.ts'
import { countText } from '../../analysis/wording.ts'
import { SEARCH_BLOCK, type CapacityMeasurement } from '../../core/capacity.ts'
import { formatRate } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'
import type { Workload } from '../../core/load.ts'
import type { MeasuringPlan } from './measuring.ts'
import type { Subject } from './subject.ts'
import { inPieces } from './in-pieces.ts'
import type { MeasuringRun } from './measuring-run.ts'
import { keptSearch } from './kept-search.ts'
import { rangeOf, type RateSearch } from './rate-search.ts'
import { rateSlices } from './rate-slices.ts'

/** What the predictions of one model were held against, row by row, and what is to be said about it. */
export interface HeldOutValidation {
  readonly rows: readonly ValidationRow[]
  /** False when a search did not find its highest rate nearly enough to be held against the predicted one. */
  readonly complete: boolean
  readonly notes: readonly string[]
}

/** A highest rate that was searched; the trials are among the rates of the measurement. */
export interface SearchedRate {
  readonly model: string
  readonly workload: string
  readonly workers: number
  readonly slo: Slo
}

/** Rates at which latency is measured, as shares of the throughput at saturation; every other one is known. */
const LOADS = [0.35, 0.5, 0.62, 0.75] as const

/** Worker counts that are measured, half of their rates being known. */
const COUNTS = [1, 2] as const

/** Load at which the objective of the highest rate is just met, as predicted. */
const KNEE_LOAD = 0.75

/** Rates between which the highest is sought, as multiples of what was predicted: far enough that it can be wrong. */
const RANGE = { lowest: 0.5, highest: 1.6 } as const

/** Those between which the search begins. */
const LIKELY = { low: 0.85, high: 1.2 } as const

/** Width of a search: its middle is within 4 % of both bounds. */
const SEARCH_WIDTH = 0.08

/** Shares of a model's budget: rates, and the search for each of two worker counts. */
const SHARES = { rates: 0.4, search: 0.3 } as const

/** Blocks, over which the speed of the machine changes, and seconds below which an open loop has too few requests for a p99. */
const SLICES = { blocks: 5, wantedS: 4 } as const

/** What is measured of a model before its searches. Throws USAGE when the budget is too short for it. */
export function slicesOf(
  subject: Pick<Subject, 'fixedSize'>,
  workload: Workload,
  { budgetS, seed, budgetName }: { readonly budgetS: number; readonly seed: number; readonly budgetName?: string },
): MeasuringPlan {
  const counts = countsOf(subject)
  const what = { workers: counts, rateWorkers: counts, loads: LOADS, seed }
  return rateSlices(what, SHARES.rates * budgetS, workload, { ...SLICES, budgetName })
}

/** Measures a model with one worker and two, and holds half of it against what the other half predicts. */
export async function validateSubject(
  subject: Subject,
  { budgetS, seed }: { readonly budgetS: number; readonly seed: number },
  run: MeasuringRun,
): Promise<HeldOutValidation> {
  const counts = countsOf(subject)
  const [measurement] = await run.measure([subject], slicesOf(subject, subject.workload, { budgetS, seed }))
  if (measurement === undefined) return { rows: [], complete: false, notes: [] }
  const parted = holdOut(measurement)
  const searched: SearchedRate[] = []
  let known = measurement
  for (const workers of counts) {
    const slo = kneeObjective(parted, workers)
    const predictedPerS = predictHighestRate(parted.known, slo, workers)
    const found = await keptSearch(
      subject,
      {
        slo,
        workers,
        ...rangeAround(predictedPerS, measurement),
        budgetS: SHARES.search * budgetS,
        width: SEARCH_WIDTH,
        seed,
      },
      known,
      run,
    )
    const { model, workload } = measurement
    searched.push({ model, workload, workers, slo })
    known = found.measurement
  }
  const validation = await inPieces(validateInPieces(known, searched), run.context.signal, run.emit)
  run.emit({ type: 'model-validated', model: subject.model, rows: validation.rows })
  return validation
}

/** Where a highest rate is searched: around its prediction, or, where no rate is predicted to do, below what was answered at saturation. */
export function rangeAround(
  predictedPerS: number,
  { saturations }: Pick<CapacityMeasurement, 'saturations'>,
): Pick<RateSearch, 'lowestPerS' | 'highestPerS' | 'likely'> {
  if (predictedPerS <= 0) return rangeOf(Math.max(...saturations.map(({ throughputPerS }) => throughputPerS)), [])
  return {
    lowestPerS: RANGE.lowest * predictedPerS,
    highestPerS: RANGE.highest * predictedPerS,
    likely: { lowPerS: LIKELY.low * predictedPerS, highPerS: LIKELY.high * predictedPerS },
  }
}

/** Holds half of a measurement, and the highest rates that were searched, against what its other half predicts. */
export function validateMeasured(
  measurement: CapacityMeasurement,
  searched: readonly SearchedRate[],
): HeldOutValidation {
  return finish(validateInPieces(measurement, searched))
}

/** As {@link validateMeasured}, some rows at a time. */
export function* validateInPieces(
  measurement: CapacityMeasurement,
  searched: readonly SearchedRate[],
): Pieces<HeldOutValidation> {
  yield `${measurement.model}: predicting the rates that were held out`
  const parted = holdOut(measurement)
  const { latency } = parseSlo('p99<1s')
  const goal = latency[0] as LatencyGoal
  const rows = validateLatency(parted, goal)
  yield
  rows.push(...extrapolateLatency(measurement, goal))
  const { model, workload, rates, saturations } = measurement
  const notes: string[] = []
  let complete = true
  for (const each of searched.filter((one) => one.model === model && one.workload === workload)) {
    const { workers, slo } = each
    yield `${model}: predicting the highest rate of ${countText(workers, 'worker')}`
    const found = highestRateOf(rates, workers, slo)
    if (found !== null && isSure(found)) {
      const trials = rates.filter((rate) => rate.block === SEARCH_BLOCK && rate.workers === workers)
      rows.push(validateRate(parted, slo, workers, found, trials))
    } else {
      complete = false
      notes.push(openText(each, found))
    }
  }
  const slices = [...rates, ...saturations]
  const disturbed = slices.filter((slice) => slice.disturbed.length > 0).length
  if (disturbed > 0) notes.push(`Other programs disturbed ${disturbed} of ${slices.length} slices of ${model}.`)
  return { rows, complete, notes }
}

/** Whether a measured highest rate is known within the goal that is set for the predicted one. */
function isSure({ estimate, low, high }: Estimate): boolean {
  const allowed = 1 + VALIDATION_GOALS.rate
  return low >= estimate / allowed && high <= estimate * allowed
}

function openText({ model, workers, slo }: SearchedRate, found: Estimate | null): string {
  const known =
    found === null
      ? 'its trials do not determine it'
      : `by all its trials ${formatRate(found.estimate)}, but ${formatRate(found.low)} to ${formatRate(found.high)} with 95 % confidence`
  return `The search for the highest rate of ${workers} × ${model} within ${slo.text} left it open: ${known}. Give more time.`
}

/** The highest rates in results folders of `capacity`. */
export function readSearchedRates(dirs: readonly string[]): SearchedRate[] {
  return dirs.flatMap((dir) => {
    const file = join(resolve(dir), 'capacity.json')
    if (!existsSync(file)) return []
    const { slo, models } = JSON.parse(readFileSync(file, 'utf8')) as CapacityResult
    return models.map(({ model, workload, workers }) => ({ model, workload, workers, slo }))
  })
}

function countsOf({ fixedSize }: Pick<Subject, 'fixedSize'>): readonly number[] {
  return fixedSize ? [1] : COUNTS
}

/** The objective that `workers` workers are predicted to meet just up to the knee. */
function kneeObjective({ known }: HeldOut, workers: number): Slo {
  const goal = parseSlo('p99<1s').latency[0] as LatencyGoal
  return parseSlo(`p99<${(predictLatencyAt(known, goal, workers, KNEE_LOAD) * 1000).toPrecision(3)}ms`)
}
