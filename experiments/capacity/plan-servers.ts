import { type ModelPlan, type Plan, planInPieces } from '../../analysis/capacity/planning/plan.ts'
import type { PlanRequest } from '../../analysis/capacity/planning/plan-request.ts'
import { loadModels } from '../../cluster/models.ts'
import { nodeOf, pythonOf } from '../../cluster/runnable.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { unknownName } from '../../core/names.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import type { Confirmation, PlanResult } from '../../store/capacity-findings.ts'
import { type CapacityFolder, readMeasurements } from '../../store/capacity-folder.ts'
import type { Emit } from '../events.ts'
import type { Run } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import { canConfirm, confirm } from './confirmation.ts'
import { inPieces } from './in-pieces.ts'
import type { MeasuringPlan } from './measuring.ts'
import {
  type CapacityOutcome,
  interrupted,
  type MeasuringRun,
  type MeasuringWorld,
  REAL_WORLD,
  withMeasuring,
} from './measuring-run.ts'
import { rateSlices } from './rate-slices.ts'
import {
  type LaunchRequest,
  type MeasuringRequest,
  openFolder,
  prepareMeasuring,
  type PreparedMeasuring,
  prepareWhatRuns,
} from './request.ts'
import type { Subject } from './subject.ts'

/** What is asked of `plan`, whatever it plans with. */
interface ServerPlan {
  readonly request: PlanRequest
  /** Whether the answer is run for some seconds, where this machine has the cores. */
  readonly confirms: boolean
}

/** A plan with models that are measured for it. */
export interface MeasuredPlanRequest extends ServerPlan, MeasuringRequest {
  /** Seconds to measure each model. */
  readonly budgetS: number
}

/** A plan with what was measured before. */
export interface RecordedPlanRequest extends ServerPlan, LaunchRequest {
  readonly from: readonly string[]
  /** Models to plan for; empty = all that were measured. */
  readonly models: readonly string[]
  /** The workload to plan for; null = all that were measured. */
  readonly workload: string | null
}

/** A plan that is ready to be made: everything was checked, nothing was started. */
export type PreparedServerPlan = PreparedMeasuredPlan | PreparedRecordedPlan

interface PreparedMeasuredPlan extends PreparedMeasuring, ServerPlan {
  readonly source: 'measuring'
  readonly tasks: readonly { readonly subject: PlannedSubject; readonly plan: MeasuringPlan }[]
  readonly budgetS: number
}

interface PreparedRecordedPlan extends PreparedMeasuring, ServerPlan {
  readonly source: 'recorded'
  readonly measurements: readonly CapacityMeasurement[]
  /** What of it a real run here can confirm: models on the machine and the Node that they were measured on. */
  readonly confirmable: readonly PlannedSubject[]
}

type PlannedSubject = Parameters<MeasuringRun['subject']>

/** Rates at which latency is measured, as shares of the throughput at saturation. */
const LOADS = [0.3, 0.5, 0.7] as const

/** Checks a plan with models to measure; throws USAGE when the budget is too short, PART_MISSING for models that cannot run. */
export async function prepareMeasuredPlan(asked: MeasuredPlanRequest): Promise<PreparedServerPlan> {
  const { request, confirms, budgetS, models, workload, seed, budgetName } = asked
  const prepared = await prepareMeasuring('plan', asked)
  const { cores } = prepared
  const counts = [...new Set([1, 2, 3, 4, cores].filter((count) => count <= Math.max(2, cores)))]
  const tasks = models.map((model) => {
    const isFixed = model.fixedSize === true
    const what = { workers: isFixed ? [1] : counts, rateWorkers: isFixed ? [1] : [1, Math.max(2, cores)] }
    const plan = rateSlices({ ...what, loads: LOADS, seed }, budgetS, workload, { budgetName })
    return { subject: [model, workload] as PlannedSubject, plan }
  })
  return { ...prepared, source: 'measuring', request, confirms, budgetS, tasks }
}

/** Reads what a plan is to be made with; throws RESULT_INVALID when a folder, a model or the workload is not there. */
export async function prepareRecordedPlan(asked: RecordedPlanRequest): Promise<PreparedServerPlan> {
  const { request, confirms } = asked
  const measurements = chosenFrom(readMeasurements(asked.from), asked)
  const machine = machineFacts()
  const here = asked.app === null && confirms ? measurements.filter((each) => each.machine.id === machine.id) : []
  const models = (await loadModels()).filter(({ id }) => here.some(({ model }) => model === id))
  const prepared = await prepareWhatRuns('plan', asked, models)
  const workloads = await loadWorkloads()
  const confirmable = here.flatMap((measurement): PlannedSubject[] => {
    const workload = workloads.find(({ id }) => id === measurement.workload)
    const judged = prepared.judged.find(({ model }) => model.id === measurement.model)
    if (workload === undefined || judged === undefined) return []
    // On another Node or Python than it was measured on, a run would confirm nothing.
    const { node: usual } = measurement.machine
    const node = nodeOf(judged) ?? usual
    const same = (measurement.node ?? usual) === node && (measurement.python ?? null) === pythonOf(judged)
    return same ? [[judged.model, workload]] : []
  })
  return { ...prepared, source: 'recorded', request, confirms, measurements, confirmable }
}

/**
 * Plans the fewest machines and workers for a rate within an objective, from what was measured or after measuring, and
 * runs the answer where this machine can. Rejects with RESULT_INVALID, INTERRUPTED or FOLDER_UNWRITABLE; that nothing
 * meets the objective is a result.
 */
export function runServerPlan(
  prepared: PreparedServerPlan,
  signal: AbortSignal,
  world: MeasuringWorld = REAL_WORLD,
): Run<CapacityOutcome<PlanResult>> {
  return startRecordedRun((emit) =>
    prepared.source === 'measuring'
      ? measureAndPlan(prepared, signal, emit, world)
      : planRecorded(prepared, signal, emit, world),
  )
}

function measureAndPlan(
  prepared: PreparedMeasuredPlan,
  signal: AbortSignal,
  emit: Emit,
  world: MeasuringWorld,
): Promise<CapacityOutcome<PlanResult>> {
  const { request, tasks, confirms, budgetS } = prepared
  const started = { steps: null, expectedS: tasks.length * budgetS }
  return withMeasuring(prepared, { started, signal, emit, world }, async (run) => {
    const subjects: Subject[] = []
    const measurements: CapacityMeasurement[] = []
    for (const { subject, plan } of tasks) {
      const one = run.subject(...subject)
      subjects.push(one)
      measurements.push(...(await run.measure([one], plan)))
    }
    const plan = await inPieces(planInPieces(request, measurements), signal, emit)
    return confirmAndKeep(plan, confirms ? subjects : [], prepared, run)
  })
}

async function planRecorded(
  prepared: PreparedRecordedPlan,
  signal: AbortSignal,
  emit: Emit,
  world: MeasuringWorld,
): Promise<CapacityOutcome<PlanResult>> {
  const { id, request, measurements, confirmable, cores, out } = prepared
  emit({ type: 'run-started', experiment: 'plan', id, dir: null, steps: null, expectedS: null })
  const plan = await inPieces(planInPieces(request, measurements), signal, emit).catch((thrown: unknown) => {
    throw signal.aborted ? interrupted(null, 'plan', thrown) : thrown
  })
  const wanted = confirmable.filter(([model, workload]) =>
    plan.models.some((each) => isConfirmable(each, model.id, workload.id, cores)),
  )
  const keepAll = (folder: Pick<CapacityFolder, 'keep'>): void => {
    for (const measurement of measurements) folder.keep(measurement)
  }
  if (wanted.length > 0) {
    return withMeasuring(prepared, { started: null, signal, emit, world }, (run) => {
      keepAll(run.folder)
      const subjects = wanted.map((subject) => run.subject(...subject))
      return confirmAndKeep(plan, subjects, prepared, run)
    })
  }
  const result = { ...plan, confirmations: [] }
  if (out === null) return { dir: null, result }
  const folder = openFolder(prepared, machineFacts())
  keepAll(folder)
  folder.finish('plan.json', result)
  return { dir: folder.dir, result }
}

/** Runs those of the planned servers that this machine can, and keeps the plan with what became of them. */
async function confirmAndKeep(
  plan: Plan,
  subjects: readonly Subject[],
  { request, seed, cores }: PreparedServerPlan,
  { folder, emit }: MeasuringRun,
): Promise<PlanResult> {
  const confirmations: Confirmation[] = []
  const keep = (): void => folder.write('plan.json', { ...plan, confirmations })
  keep()
  for (const planned of plan.models) {
    const subject = subjects.find((each) => isConfirmable(planned, each.model, each.workload.id, cores))
    if (subject === undefined || planned.server === null) continue
    const { plannedPerS } = plan
    confirmations.push(await confirm(subject, planned.server, { plannedPerS, slo: request.slo, seed }, emit))
    keep()
  }
  const result = { ...plan, confirmations }
  folder.finish('plan.json', result)
  return result
}

function isConfirmable(planned: ModelPlan, model: string, workload: string, cores: number): boolean {
  const { server } = planned
  return server !== null && canConfirm(server, cores) && planned.model === model && planned.workload === workload
}

/** The measurements of the models and the workload that are asked for. */
function chosenFrom(
  all: readonly CapacityMeasurement[],
  { workload, models }: Pick<RecordedPlanRequest, 'workload' | 'models'>,
): readonly CapacityMeasurement[] {
  const measured = workload === null ? all : all.filter((each) => each.workload === workload)
  if (measured.length === 0 && workload !== null) {
    const names = [...new Set(all.map((each) => each.workload))]
    throw new ForkwiseError('RESULT_INVALID', [unknownName('a measured workload', workload, names)])
  }
  const names = [...new Set(measured.map(({ model }) => model))]
  const missing = models.filter((model) => !names.includes(model))
  if (missing.length > 0) {
    throw new ForkwiseError(
      'RESULT_INVALID',
      missing.map((model) => unknownName('a measured model', model, names)),
    )
  }
  return models.length === 0 ? measured : measured.filter(({ model }) => models.includes(model))
}
