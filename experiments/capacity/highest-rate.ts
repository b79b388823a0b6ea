import {
  type CapacityResult,
  modelCapacity,
  type ModelCapacity,
} from '../../analysis/capacity/objective/capacity-result.ts'
import { rateTable } from '../../analysis/capacity/objective/rate-table.ts'
import type { Slo } from '../../analysis/capacity/objective/slo.ts'
import type { ServerModel } from '../../cluster/model.ts'
import type { Run } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import type { MeasuringPlan } from './measuring.ts'
import {
  type CapacityOutcome,
  type MeasuringRun,
  type MeasuringWorld,
  REAL_WORLD,
  withMeasuring,
} from './measuring-run.ts'
import { keptSearch } from './kept-search.ts'
import { rangeOf } from './rate-search.ts'
import { rateSlices } from './rate-slices.ts'
import { type MeasuringRequest, prepareMeasuring, type PreparedMeasuring } from './request.ts'

/** What is asked of `capacity`. */
export interface HighestRateRequest extends MeasuringRequest {
  readonly slo: Slo
  readonly workers: number
  /** Seconds for each model. */
  readonly budgetS: number
  /** How near to each other the two bounds must come, as a share of the upper one. */
  readonly width: number
}

/** A search for the highest rate of each model that is ready: everything was checked, nothing was started. */
export interface PreparedHighestRate
  extends PreparedMeasuring, Pick<HighestRateRequest, 'workload' | 'slo' | 'budgetS' | 'width'> {
  readonly tasks: readonly ModelTask[]
}

/** One model, and what is measured of it before the search. */
interface ModelTask {
  readonly model: ServerModel
  readonly workers: number
  readonly plan: MeasuringPlan
}

/** Rates at which latency is measured, as shares of the throughput at saturation. */
const LOADS = [0.3, 0.5, 0.7, 0.8] as const

/** Share of the budget of each model that goes into the search; the rest into the table of rates. */
const SEARCH_SHARE = 0.6

/** The same of a budget below this many seconds, which could not have the table otherwise. */
const SHORT = { budgetS: 60, searchShare: 0.5 } as const

/** Checks a search; throws USAGE when the budget is too short, PART_MISSING for models that cannot run. */
export async function prepareHighestRate(request: HighestRateRequest): Promise<PreparedHighestRate> {
  const { models, workload, slo, budgetS, width, seed, budgetName } = request
  const tasks = models.map((model): ModelTask => {
    const workers = model.fixedSize === true ? 1 : request.workers
    const what = { workers: [workers], rateWorkers: [workers], loads: LOADS, seed }
    return { model, workers, plan: rateSlices(what, budgetS - searchS(budgetS), workload, { budgetName }) }
  })
  return { ...(await prepareMeasuring('capacity', request)), workload, slo, budgetS, width, tasks }
}

/**
 * Measures latency against rate for each model, then searches the highest rate that meets the objective. Rejects with
 * INTERRUPTED or FOLDER_UNWRITABLE; an objective that no rate meets is a result.
 */
export function runHighestRate(
  prepared: PreparedHighestRate,
  signal: AbortSignal,
  world: MeasuringWorld = REAL_WORLD,
): Run<CapacityOutcome<CapacityResult>> {
  const { tasks, slo, budgetS, seed } = prepared
  const started = { steps: null, expectedS: tasks.length * budgetS }
  return startRecordedRun((emit) =>
    withMeasuring(prepared, { started, signal, emit, world }, async (run) => {
      const models: ModelCapacity[] = []
      for (const task of tasks) models.push(await capacityOf(task, prepared, run))
      const { id, machine } = run
      const result: CapacityResult = { schema: 'forkwise/capacity@1', id, machine, seed, slo, models }
      run.folder.finish('capacity.json', result)
      return result
    }),
  )
}

async function capacityOf(
  { model, workers, plan }: ModelTask,
  { workload, slo, width, seed, budgetS }: PreparedHighestRate,
  run: MeasuringRun,
): Promise<ModelCapacity> {
  const subject = run.subject(model, workload)
  const [measurement] = await run.measure([subject], plan)
  if (measurement === undefined) throw new Error(`Expected a measurement of ${model.id}.`)
  const saturationPerS = Math.max(...measurement.saturations.map(({ throughputPerS }) => throughputPerS))
  const range = rangeOf(saturationPerS, rateTable(measurement, slo))
  const search = { slo, workers, ...range, budgetS: searchS(budgetS), width, seed }
  const found = await keptSearch(subject, search, measurement, run)
  return modelCapacity(found.measurement, workers, slo, found.result, searchS(budgetS))
}

/** Seconds of a model's budget that its search gets. */
function searchS(budgetS: number): number {
  return (budgetS < SHORT.budgetS ? SHORT.searchShare : SEARCH_SHARE) * budgetS
}
