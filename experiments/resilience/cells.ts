import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerModel } from '../../cluster/model.ts'
import { ForkwiseError, messageOf, PartEndedError } from '../../core/errors.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { ResiliencePlan, ResilienceRates } from '../../core/resilience-record.ts'
import { saturationLoad } from '../../loadtest/saturation.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { TASK_JOURNAL_VARIABLE } from '../../server/task-journal.ts'
import type { ResilienceFolder, ResilienceRun } from '../../store/resilience-folder.ts'
import type { Emit } from '../events.ts'
import type { Fault } from '../faults/fault.ts'
import { measureCell } from './cell.ts'
import { countTasks, readJournal } from './task-ledger.ts'
import { TRAFFIC, trafficOf } from './traffic.ts'

/** Seconds that launching and ending a server and the settling of its two loads take (2 cores, Node 20.20, November 2026). */
const AROUND_S = 6

/** Seconds that the capacity of one model takes. */
const CAPACITY_S = 6

/** Which faults are to be injected into which models. */
export interface ResilienceTask {
  readonly plan: ResiliencePlan
  readonly models: readonly ServerModel[]
  readonly faults: readonly Fault[]
  readonly folder: Pick<ResilienceFolder, 'writeRates' | 'appendCell'>
  /** What is finished already. */
  readonly finished: Pick<ResilienceRun, 'rates' | 'cells'>
}

/** What of a run decides which cells it has. */
type CellPlan = Pick<ResilienceTask, 'plan' | 'models' | 'faults'>

/** The cells of a run: faults that a model offers, each as often as the plan says, models in a new order each time. */
export function cellsOf({ plan, models, faults }: CellPlan): {
  readonly model: ServerModel
  readonly fault: Fault
  readonly repeat: number
}[] {
  const repeats = Array.from({ length: plan.repeats }, (_, index) => index + 1)
  return repeats.flatMap((repeat) =>
    faults.flatMap((fault) =>
      shuffled(models, seededRandom(deriveSeed(plan.seed, 'order', fault.id, repeat)))
        .filter((model) => fault.offeredBy({ model, builtInApp: true }) === null)
        .map((model) => ({ model, fault, repeat })),
    ),
  )
}

/** The cells that are still to be measured. */
export function cellsLeft(task: CellPlan & Pick<ResilienceTask, 'finished'>): ReturnType<typeof cellsOf> {
  const keyOf = (model: string, fault: string, repeat: number): string => `${model} ${fault} ${repeat}`
  const done = new Set(task.finished.cells.map(({ model, fault, repeat }) => keyOf(model, fault, repeat)))
  return cellsOf(task).filter(({ model, fault, repeat }) => !done.has(keyOf(model.id, fault.id, repeat)))
}

/** Seconds that what is left of a run takes, about. */
export function expectedResilienceS(task: CellPlan & Pick<ResilienceTask, 'finished'>): number {
  const cellsS = cellsLeft(task).reduce((sum, { fault }) => sum + AROUND_S + task.plan.baselineS + fault.watchS, 0)
  return cellsS + (task.finished.rates === null ? task.models.length * CAPACITY_S : 0)
}

/**
 * Measures what every model can do, then injects each fault as planned, but what is finished already; every finished cell
 * is in the folder at once.
 */
export async function measureCells(task: ResilienceTask, context: TrialContext, emit: Emit): Promise<void> {
  const { plan, folder, finished } = task
  const rates = finished.rates ?? (await measureRates(task, context, emit))
  if (finished.rates === null) folder.writeRates(rates)
  emit({ type: 'rates-found', rates })
  const capacities = new Map(rates.capacities.map(({ model, ratePerS }) => [model, ratePerS]))
  for (const { model, fault, repeat } of cellsLeft(task)) {
    const capacityPerS = capacities.get(model.id)
    if (capacityPerS === undefined) continue
    context.signal.throwIfAborted()
    emit({ type: 'step-started', label: `${fault.id} ${repeat}/${plan.repeats}: ${model.id}` })
    emit({ type: 'cell-started', model: model.id, fault: fault.id, repeat })
    const cell = await measureCell({ model, fault, repeat, ratePerS: rates.ratePerS, capacityPerS, plan }, context)
    folder.appendCell(cell)
    emit({ type: 'cell-finished', cell })
  }
}

async function measureRates(
  { plan, models }: ResilienceTask,
  context: TrialContext,
  emit: Emit,
): Promise<ResilienceRates> {
  const capacities: { model: string; ratePerS: number }[] = []
  const failed: { model: string; message: string }[] = []
  for (const model of models) {
    emit({ type: 'step-started', label: `capacity: ${model.id}` })
    try {
      const ratePerS = await unlessPartEnded(() => measureCapacity(model, plan, context), model, emit)
      capacities.push({ model: model.id, ratePerS })
    } catch (thrown) {
      context.signal.throwIfAborted()
      const message = messageOf(thrown)
      failed.push({ model: model.id, message })
      emit({ type: 'note', level: 'warning', text: `${model.id} is left out: ${message}` })
    }
  }
  if (capacities.length === 0 && failed.length > 0) throw nothingMeasured(failed)
  const lowest = Math.min(...capacities.map(({ ratePerS }) => ratePerS))
  const ratePerS = Math.max(1, plan.share * lowest)
  return { schema: 'forkwise/resilience-rates@1', capacities, failed, ratePerS }
}

/** Once more where a process ended that nobody had asked to: that may be chance. */
async function unlessPartEnded<T>(measure: () => Promise<T>, model: ServerModel, emit: Emit): Promise<T> {
  try {
    return await measure()
  } catch (thrown) {
    if (!(thrown instanceof PartEndedError)) throw thrown
    emit({ type: 'note', level: 'warning', text: `${model.id} is measured again: ${messageOf(thrown)}` })
    return measure()
  }
}

function nothingMeasured(failed: ResilienceRates['failed']): ForkwiseError {
  return new ForkwiseError('TRIAL_FAILED', {
    message: `Expected to measure at least one model before any fault, got none: ${failed.map(({ model, message }) => `${model}: ${message}`).join(' ')}`,
  })
}

/**
 * Requests a second that a model bears: those it answers in a closed loop or, where it answers before the work is done,
 * the tasks that its workers do meanwhile.
 */
async function measureCapacity(model: ServerModel, plan: ResiliencePlan, context: TrialContext): Promise<number> {
  const { session, settings, cores, observation } = context
  const observed = { model: model.id, workload: TRAFFIC.id, trial: `${model.id}-capacity` }
  const seed = deriveSeed(plan.seed, 'capacity')
  if (model.executor !== 'task-queue') {
    return withServer(model, observed, context, async (server) => {
      observation.phase('saturation')
      const load = saturationLoad(settings, { model, workload: TRAFFIC }, cores, seed)
      return (await measureSlice(server, TRAFFIC, load, context)).load.achievedRatePerS
    })
  }
  const journal = join(session.dir, `${model.id}-capacity-tasks`)
  const launch = { ...context, launchEnv: { ...context.launchEnv, [TASK_JOURNAL_VARIABLE]: journal } }
  const done = (): number => countTasks(readJournal(journal)).done
  try {
    return await withServer(model, observed, launch, async (server) => {
      observation.phase('saturation')
      const load = saturationLoad(settings, { model, workload: TRAFFIC }, cores, seed)
      let doneBefore = 0
      let countingMs = performance.now()
      await measureSlice(server, trafficOf(model), load, {
        ...launch,
        onCounting: () => {
          doneBefore = done()
          countingMs = performance.now()
        },
      })
      return (done() - doneBefore) / ((performance.now() - countingMs) / 1000)
    })
  } finally {
    rmSync(journal, { force: true })
  }
}
