import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CapacityResult, SearchSummary } from '../../analysis/capacity/capacity-result.ts'
import { parseSlo, type LatencyGoal, type Slo } from '../../analysis/capacity/slo.ts'
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
} from '../../analysis/capacity/validation.ts'
import { SEARCH_BLOCK, type CapacityMeasurement } from '../../core/capacity.ts'
import { formatRate } from '../../core/quantities.ts'
import type { Subject } from '../../loadtest/capacity/subject.ts'
import type { Terminal } from '../command.ts'
import type { MeasuringRun } from './measuring-run.ts'
import { searchRate } from './rate-search.ts'
import { rateSlices } from './rate-slices.ts'

/** What the predictions of one model were held against, row by row, and what is to be said about it. */
export interface HeldOutValidation {
  readonly rows: readonly ValidationRow[]
  /** False when a search did not find its highest rate nearly enough to be held against the foretold one. */
  readonly complete: boolean
  readonly notes: readonly string[]
}

/** What a search found of a highest rate: the highest that passed and the lowest that failed, null where none was confirmed. */
export interface SearchedRate extends Pick<SearchSummary, 'passedPerS' | 'failedPerS'> {
  readonly model: string
  readonly workload: string
  readonly workers: number
  readonly slo: Slo
}

/** Rates at which latency is measured, as shares of the throughput at saturation; every other one is known. */
const LOADS = [0.35, 0.5, 0.62, 0.75] as const

/** Worker counts that are measured, half of their rates being known. */
const COUNTS = [1, 2] as const

/** Load at which the objective of the highest rate is just met, as foretold. */
const KNEE_LOAD = 0.75

/** Rates between which the highest is sought, as multiples of what was foretold: far enough that it can be wrong. */
const RANGE = { lowest: 0.5, highest: 1.6 } as const

/** Those between which the search begins. */
const LIKELY = { low: 0.85, high: 1.2 } as const

/** Width of a search: its middle is within 4 % of both bounds. */
const SEARCH_WIDTH = 0.08

/** Shares of a model's budget: rates, and the search for each of two worker counts. */
const SHARES = { rates: 0.4, search: 0.3 } as const

/** Blocks, over which the speed of the machine changes, and seconds below which an open loop has too few requests for a p99. */
const SLICES = { blocks: 5, wantedS: 4 } as const

/** Measures a model with one worker and two, and holds half of it against what the other half foretells. */
export async function validateSubject(
  subject: Subject,
  { budgetS, seed }: { readonly budgetS: number; readonly seed: number },
  run: MeasuringRun,
  terminal: Terminal,
): Promise<HeldOutValidation> {
  const counts: readonly number[] = subject.fixedSize ? [1] : COUNTS
  const what = { workers: counts, rateWorkers: counts, loads: LOADS, seed }
  const slices = rateSlices(what, SHARES.rates * budgetS, subject.workload, SLICES)
  const [measurement] = await run.measure([subject], slices)
  if (measurement === undefined) return { rows: [], complete: false, notes: [] }
  const parted = holdOut(measurement)
  const searched: SearchedRate[] = []
  let known = measurement
  for (const workers of counts) {
    const slo = kneeObjective(parted, workers)
    const foretoldPerS = predictHighestRate(parted.known, slo, workers)
    const search = await searchRate(
      subject,
      {
        slo,
        workers,
        lowestPerS: RANGE.lowest * foretoldPerS,
        highestPerS: RANGE.highest * foretoldPerS,
        likely: { lowPerS: LIKELY.low * foretoldPerS, highPerS: LIKELY.high * foretoldPerS },
        budgetS: SHARES.search * budgetS,
        width: SEARCH_WIDTH,
        seed,
      },
      run,
      terminal,
    )
    const { model, workload } = measurement
    const { passedPerS, failedPerS } = search.result
    searched.push({ model, workload, workers, slo, passedPerS, failedPerS })
    known = { ...known, rates: [...known.rates, ...search.measured] }
    run.folder.keep(known)
  }
  return validateMeasured(known, searched)
}

/** Holds half of a measurement, and the highest rates that were searched, against what its other half foretells. */
export function validateMeasured(
  measurement: CapacityMeasurement,
  searched: readonly SearchedRate[],
): HeldOutValidation {
  const parted = holdOut(measurement)
  const { latency } = parseSlo('p99<1s')
  const goal = latency[0] as LatencyGoal
  const rows = [...validateLatency(parted, goal), ...extrapolateLatency(measurement, goal)]
  const { model, workload, rates, saturations } = measurement
  const notes: string[] = []
  let complete = true
  for (const each of searched.filter((one) => one.model === model && one.workload === workload)) {
    const { workers, slo, passedPerS, failedPerS } = each
    const trials = rates.filter((rate) => rate.block === SEARCH_BLOCK && rate.workers === workers)
    const foundPerS = between(passedPerS, failedPerS)
    if (foundPerS === null) {
      complete = false
      notes.push(uncertainText(each))
    } else rows.push(validateRate(parted, slo, workers, foundPerS, trials))
  }
  const slices = [...rates, ...saturations]
  const disturbed = slices.filter((slice) => slice.disturbed.length > 0).length
  if (disturbed > 0) notes.push(`Other programs disturbed ${disturbed} of ${slices.length} slices of ${model}.`)
  return { rows, complete, notes }
}

/** The highest rate by the bounds of a search, their geometric middle; null where they do not say it within the goal. */
function between(passedPerS: number | null, failedPerS: number | null): number | null {
  if (passedPerS === null || failedPerS === null || failedPerS > (1 + VALIDATION_GOALS.rate) * passedPerS) return null
  return Math.sqrt(passedPerS * failedPerS)
}

function uncertainText({ model, workers, slo, passedPerS, failedPerS }: SearchedRate): string {
  const bounds = [
    ...(passedPerS === null ? [] : [`at least ${formatRate(passedPerS)}`]),
    ...(failedPerS === null ? [] : [`below ${formatRate(failedPerS)}`]),
  ]
  const found = bounds.length === 0 ? 'nothing was confirmed' : `it is ${bounds.join(' and ')}`
  return `The search for the highest rate of ${workers} × ${model} within ${slo.text} left it open: ${found}. Give more time.`
}

/** The highest rates in results folders of `capacity`. */
export function readSearchedRates(dirs: readonly string[]): SearchedRate[] {
  return dirs.flatMap((dir) => {
    const file = join(resolve(dir), 'capacity.json')
    if (!existsSync(file)) return []
    const { slo, models } = JSON.parse(readFileSync(file, 'utf8')) as CapacityResult
    return models.map(({ model, workload, workers, search: { passedPerS, failedPerS } }) => ({
      model,
      workload,
      workers,
      slo,
      passedPerS,
      failedPerS,
    }))
  })
}

/** The objective that so many workers are foretold to meet just up to the knee. */
function kneeObjective({ known }: HeldOut, workers: number): Slo {
  const goal = parseSlo('p99<1s').latency[0] as LatencyGoal
  return parseSlo(`p99<${(predictLatencyAt(known, goal, workers, KNEE_LOAD) * 1000).toPrecision(3)}ms`)
}
