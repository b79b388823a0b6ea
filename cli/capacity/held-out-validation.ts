import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CapacityResult } from '../../analysis/capacity/capacity-result.ts'
import { latencyS, simulateScenario } from '../../analysis/capacity/scenario-simulation.ts'
import { serviceModelOf } from '../../analysis/capacity/service-model.ts'
import { parseSlo, type LatencyGoal, type Slo } from '../../analysis/capacity/slo.ts'
import {
  extrapolateLatency,
  holdOut,
  predictHighestRate,
  validateLatency,
  validateRate,
  type HeldOut,
  type ValidationRow,
} from '../../analysis/capacity/validation.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import type { Subject } from '../../loadtest/capacity/subject.ts'
import type { Terminal } from '../command.ts'
import type { MeasuringRun } from './measuring-run.ts'
import { searchRate } from './rate-search.ts'
import { rateSlices } from './rate-slices.ts'

/** What the predictions of one model were held against, row by row, and what is to be said about it. */
export interface HeldOutValidation {
  readonly rows: readonly ValidationRow[]
  readonly notes: readonly string[]
}

/** A highest rate that a search found. */
export interface SearchedRate {
  readonly model: string
  readonly workload: string
  readonly workers: number
  readonly slo: Slo
  /** Null when none was confirmed. */
  readonly passedPerS: number | null
}

/** Rates at which latency is measured, as shares of the throughput at saturation; every other one is known. */
const LOADS = [0.35, 0.5, 0.65, 0.8] as const

/** Worker counts that are measured; only the fewest is known. */
const COUNTS = [1, 2] as const

/** Load at which the objective of the highest rate is just met, as foretold. */
const KNEE_LOAD = 0.75

/** Rates between which the highest is sought, as multiples of what was foretold: far enough that it can be wrong. */
const RANGE = { lowest: 0.5, highest: 1.6 } as const

/** Those between which the search begins. */
const LIKELY = { low: 0.75, high: 1.3 } as const

/** Shares of a model's budget: rates, and the search for each of two worker counts. */
const SHARES = { rates: 0.5, search: 0.25 } as const

/** Seconds below which an open loop has too few requests for a p99. */
const SHORTEST_S = 4

/** Measures a model with one worker and two, and holds half of it against what the other half foretells. */
export async function validateSubject(
  subject: Subject,
  { budgetS, seed }: { readonly budgetS: number; readonly seed: number },
  run: MeasuringRun,
  terminal: Terminal,
): Promise<HeldOutValidation> {
  const counts: readonly number[] = subject.fixedSize ? [1] : COUNTS
  const what = { workers: counts, rateWorkers: counts, loads: LOADS, seed }
  const slices = rateSlices(what, SHARES.rates * budgetS, subject.workload, SHORTEST_S)
  const [measurement] = await run.measure([subject], slices)
  if (measurement === undefined) return { rows: [], notes: [] }
  const parted = holdOut(measurement)
  const slo = kneeObjective(parted, counts[0] ?? 1)
  const searched: SearchedRate[] = []
  let known = measurement
  for (const workers of counts) {
    const foretoldPerS = predictHighestRate(parted.known, slo, workers, generatorCpuS(parted, workers))
    const search = await searchRate(
      subject,
      {
        slo,
        workers,
        lowestPerS: RANGE.lowest * foretoldPerS,
        highestPerS: RANGE.highest * foretoldPerS,
        likely: { lowPerS: LIKELY.low * foretoldPerS, highPerS: LIKELY.high * foretoldPerS },
        budgetS: SHARES.search * budgetS,
        width: 0.04,
        seed,
      },
      run,
      terminal,
    )
    const { model, workload } = measurement
    searched.push({ model, workload, workers, slo, passedPerS: search.result.passedPerS })
    known = { ...known, rates: [...known.rates, ...search.measured] }
    run.folder.keep(known)
  }
  return validateMeasured(measurement, searched)
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
  for (const each of searched.filter((one) => one.model === model && one.workload === workload)) {
    const { workers, slo, passedPerS } = each
    if (passedPerS === null) {
      notes.push(`No rate of ${workers} × ${model} was confirmed to meet ${slo.text}: give more time.`)
    } else rows.push(validateRate(parted, slo, workers, passedPerS, generatorCpuS(parted, workers)))
  }
  const slices = [...rates, ...saturations]
  const disturbed = slices.filter((slice) => slice.disturbed.length > 0).length
  if (disturbed > 0) notes.push(`Other programs disturbed ${disturbed} of ${slices.length} slices of ${model}.`)
  return { rows, notes }
}

/** The highest rates in results folders of `capacity`. */
export function readSearchedRates(dirs: readonly string[]): SearchedRate[] {
  return dirs.flatMap((dir) => {
    const file = join(resolve(dir), 'capacity.json')
    if (!existsSync(file)) return []
    const { slo, models } = JSON.parse(readFileSync(file, 'utf8')) as CapacityResult
    return models.map(({ model, workload, workers, search: { passedPerS } }) => ({
      model,
      workload,
      workers,
      slo,
      passedPerS,
    }))
  })
}

/** The objective that so many workers are foretold to meet just up to the knee. */
function kneeObjective({ known }: HeldOut, workers: number): Slo {
  const service = serviceModelOf(known)
  const busyS = service.busyS(workers).busyS.estimate
  const scenario = { workers, ratePerS: (KNEE_LOAD * workers) / busyS, cores: known.machine.cores }
  const goal: Pick<LatencyGoal, 'quantile'> = { quantile: 0.99 }
  const p99S = latencyS(simulateScenario(known, service, scenario, 1, { requests: 100_000, seed: 1 }), goal)
  return parseSlo(`p99<${(p99S * 1000).toPrecision(3)}ms`)
}

/** CPU that the generator takes beside the server for each request, in seconds. */
function generatorCpuS({ known, heldOut }: HeldOut, workers: number): number {
  const rates = [...known.rates, ...heldOut].filter((rate) => rate.workers === workers && rate.achievedPerS > 0)
  const total = rates.reduce((sum, rate) => sum + rate.generatorCores / rate.achievedPerS, 0)
  return rates.length === 0 ? 0 : total / rates.length
}
