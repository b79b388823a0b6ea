import type { ServerModel } from '../../cluster/model.ts'
import { workersOf } from '../../cluster/variant.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { BlockRecord, ExperimentPlan, PilotRecord, TrialIdentity, TrialRecord } from '../../core/records.ts'
import { runTrial } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { type GatedSlice, gateReasons } from '../../loadtest/validity.ts'
import type { RunStore } from '../../store/comparison-folder.ts'
import { withoutHistograms } from '../../store/histograms.ts'
import type { Emit } from '../events.ts'
import { type Patience, waitUntilSettled } from '../settling.ts'
import { hasControl } from './plan.ts'
import type { VoidBlocks } from './void-blocks.ts'

/** Where a block is measured and kept. */
export interface BlockSurroundings {
  readonly plan: ExperimentPlan
  readonly context: TrialContext
  readonly store: RunStore
  readonly emit: Emit
}

/** The seeded order of one block: models shuffled, with the A/A control among them where the block has one. */
export function blockOrder(
  plan: Pick<ExperimentPlan, 'seed' | 'control' | 'baseline'>,
  models: readonly string[],
  workload: string,
  block: number,
): readonly { readonly model: string; readonly control: boolean }[] {
  const launches = models.map((model) => ({ model, control: false }))
  if (hasControl(plan, block)) launches.push({ model: plan.baseline, control: true })
  return shuffled(launches, seededRandom(deriveSeed(plan.seed, 'block', workload, block)))
}

/**
 * Measures one block: waits until the machine is quiet, launches the models in the order of {@link blockOrder}, and asks the
 * gates. A block that is lost ends at once. `whole` is false where a latency slice was not loaded as asked for.
 */
export async function runBlock(
  { plan, context, store, emit }: BlockSurroundings,
  models: readonly ServerModel[],
  workload: Workload,
  block: number,
  pilot: PilotRecord,
  patience: Patience,
  voidBlocks: VoidBlocks,
): Promise<{ readonly block: BlockRecord; readonly whole: boolean; readonly launches: number }> {
  const order = blockOrder(
    plan,
    models.map((model) => model.id),
    workload.id,
    block,
  )
  await waitUntilSettled(context, patience, emit)
  await context.dependency.ready()
  const startedMs = performance.now()
  const ofWorkload = { ...context, settings: { ...context.settings, ...pilot.sliceSeconds?.[workload.id] } }
  const trials: TrialRecord[] = []
  const lost = (): string[] => [...context.dependency.trouble(startedMs), ...context.observation.trouble(startedMs)]
  let ended: string | null = null
  for (const [position, launch] of order.entries()) {
    const model = models.find((candidate) => candidate.id === launch.model)
    if (model === undefined) continue
    const identity: TrialIdentity = {
      schema: 'forkwise/trial@2',
      id: `b${String(block).padStart(2, '0')}-${model.id}${launch.control ? '~' : ''}-${workload.id}`,
      block,
      position,
      model: model.id,
      control: launch.control,
      workload: workload.id,
      workers: workersOf(model, plan.workers),
      seed: deriveSeed(plan.seed, 'trial', block, model.id, workload.id),
      startedAtMs: Date.now(),
    }
    emit({
      type: 'step-started',
      label: `block ${block}, ${workload.id}: ${model.id}${launch.control ? ' again' : ''}`,
    })
    emit({ type: 'trial-started', trial: identity })
    const commonRate = pilot.commonRates[workload.id] ?? 0
    const commonRatePerS = plan.latencyS > 0 && commonRate > 0 ? commonRate : null
    const trial = await runTrial({ identity, model, workload, commonRatePerS }, ofWorkload)
    store.appendTrial(trial)
    emit({ type: 'trial-finished', trial: withoutHistograms(trial) })
    trials.push(trial)
    // The block is lost; a whole new one replaces it.
    if (lost().length > 0) break
    ended = voidBlocks.reasonOf(trial)
    if (ended !== null) break
  }
  const slices = trials.flatMap((trial): GatedSlice[] => {
    if (trial.outcome === 'failed') return []
    const { id, saturation, latency } = trial
    return [saturation, ...(latency === null ? [] : [latency])].map(({ host }) => ({ trialId: id, host }))
  })
  const reasons = [...lost(), ...(ended === null ? [] : [ended]), ...gateReasons(slices, context.cores)]
  return {
    block: { schema: 'forkwise/block@1', block, workload: workload.id, kept: reasons.length === 0, reasons },
    whole: isWhole(trials),
    launches: trials.length,
  }
}

/** Whether every latency slice of a block was loaded as asked for. */
export function isWhole(trials: readonly TrialRecord[]): boolean {
  return trials.every((trial) => trial.outcome === 'failed' || (trial.latency?.faults ?? []).length === 0)
}
