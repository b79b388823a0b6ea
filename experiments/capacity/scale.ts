import { scalingOf } from '../../analysis/capacity/scaling/scaling.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { ScaleResult } from '../../store/capacity-findings.ts'
import type { Emit } from '../events.ts'
import { type Run, startRun } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import { expectedS } from './expected-time.ts'
import { type MeasuringPlan, sliceCount, slicesIn } from './measuring.ts'
import { type CapacityOutcome, type MeasuringWorld, REAL_WORLD, withMeasuring } from './measuring-run.ts'
import { fitOutside, type PreparedOutsideScale } from './outside-scale.ts'
import { type MeasuringRequest, prepareMeasuring, type PreparedMeasuring } from './request.ts'

/** A scaling run that measures. */
export interface MeasuredScaleRequest extends MeasuringRequest {
  /** Worker counts, ascending. */
  readonly workers: readonly number[]
  /** Requests per second to say the needed workers for; null = none. */
  readonly ratePerS: number | null
  /** Blocks, or seconds into which as many blocks as possible are to fit. */
  readonly extent: { readonly blocks: number } | { readonly budgetS: number }
}

/** A scaling run that is ready: everything was checked, nothing was started. */
export type PreparedScale = PreparedMeasuredScale | PreparedOutsideScale

/** A scaling run that measures, ready to be run. */
export interface PreparedMeasuredScale
  extends PreparedMeasuring, Pick<MeasuredScaleRequest, 'models' | 'workload' | 'ratePerS'> {
  readonly source: 'measuring'
  readonly plan: MeasuringPlan
}

/** Lengths of the slices in seconds. */
const SLICES = { saturationS: 1.5, unloadedS: 0.8 } as const

/** Share of the expected time that may be spent waiting until other programs use less CPU. */
const PATIENCE = 0.2

/** Checks a scaling run; throws USAGE when its budget is too short for a block, PART_MISSING for models that cannot run. */
export async function prepareMeasuredScale(request: MeasuredScaleRequest): Promise<PreparedMeasuredScale> {
  const { models, workload, workers, ratePerS, extent, seed, budgetName } = request
  const sizes = models.map((model) => ({ fixedSize: model.fixedSize === true }))
  const block = { workers, rateWorkers: [], loads: [], ...SLICES, rateS: 0, blocks: 1, seed, patienceS: 0 }
  const blockS = expectedS(sizes, block, workload)
  const blocks =
    'blocks' in extent ? extent.blocks : affordableBlocks(extent.budgetS, blockS, workers.length, budgetName)
  const plan = { ...block, blocks, patienceS: PATIENCE * blocks * blockS }
  return { ...(await prepareMeasuring('scale', request)), source: 'measuring', models, workload, ratePerS, plan }
}

/**
 * Measures throughput, CPU per request and latency at saturation for every worker count, and fits the scaling law; or
 * fits it to what was measured elsewhere. Rejects with INTERRUPTED or FOLDER_UNWRITABLE.
 */
export function runScale(
  prepared: PreparedScale,
  signal: AbortSignal,
  world: MeasuringWorld = REAL_WORLD,
): Run<CapacityOutcome<ScaleResult>> {
  return prepared.source === 'csv'
    ? startRun(async (emit) => fitOutside(prepared, emit))
    : startRecordedRun((emit) => measureScale(prepared, signal, emit, world))
}

function measureScale(
  prepared: PreparedMeasuredScale,
  signal: AbortSignal,
  emit: Emit,
  world: MeasuringWorld,
): Promise<CapacityOutcome<ScaleResult>> {
  const { models, workload, plan, app, seed, ratePerS } = prepared
  const sizes = models.map((model) => ({ fixedSize: model.fixedSize === true }))
  const all = sliceCount(sizes, plan)
  const steps = all - (prepared.resumed?.measurements ?? []).reduce((sum, each) => sum + slicesIn(each), 0)
  const started = { steps, expectedS: (expectedS(sizes, plan, workload) * steps) / all }
  return withMeasuring(prepared, { started, signal, emit, world }, async (run) => {
    const { id, machine, context, folder } = run
    const barePerS = app === null ? await context.instrument.bareRate(workload) : null
    const measurements = await run.measure(
      models.map((model) => run.subject(model, workload)),
      plan,
    )
    const result: ScaleResult = {
      schema: 'forkwise/scale@1',
      id,
      machine,
      seed,
      barePerS,
      models: measurements.map((measurement) => scalingOf(measurement, barePerS, ratePerS)),
    }
    folder.finish('scale.json', result)
    return result
  })
}

function affordableBlocks(budgetS: number, blockS: number, counts: number, budgetName = '--budget'): number {
  const blocks = Math.floor(budgetS / blockS)
  if (blocks >= 1) return blocks
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${budgetName}\` to be at least ${Math.ceil(blockS)}s for ${counts} worker counts, got ${Math.round(budgetS)}s.`,
    hint: 'Give more time, or measure fewer worker counts, like 1,2,4.',
  })
}
