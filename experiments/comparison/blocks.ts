import type { ServerModel } from '../../cluster/model.ts'
import { cellName, listText } from '../../analysis/wording.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { workersOf } from '../../cluster/variant.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type {
  BlockRecord,
  ExperimentPlan,
  PilotRecord,
  TrialIdentity,
  TrialRecord,
  Verdict,
} from '../../core/records.ts'
import { formatDuration } from '../../core/quantities.ts'
import { hasControl } from './plan.ts'
import { Schedule } from './schedule.ts'
import type { StopDecision } from '../../analysis/comparison/stopping.ts'
import type { RunStore, StoredRun } from '../../store/comparison-folder.ts'
import { withoutHistograms } from '../../store/histograms.ts'
import type { Emit } from '../events.ts'
import { type Patience, waitUntilSettled } from '../settling.ts'
import { runPilot } from './pilot.ts'
import { VoidBlocks } from './void-blocks.ts'
import { runTrial } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { type GatedSlice, gateReasons } from '../../loadtest/validity.ts'

/** What of an experiment is done already, when one is resumed. */
export interface Finished {
  readonly pilot: PilotRecord | null
  readonly trials: readonly TrialRecord[]
  readonly blocks: readonly BlockRecord[]
}

/** All that the blocks of a comparison are measured with. */
export interface BlockTask {
  readonly plan: ExperimentPlan
  readonly models: readonly ServerModel[]
  readonly workloads: readonly Workload[]
  readonly context: TrialContext
  readonly store: RunStore
  readonly emit: Emit
  readonly finished: Finished
  /** Whether the blocks so far settle the matter, and why; asked after each round. */
  readonly stopping?: (run: StoredRun) => StopDecision
  /** The verdicts of the blocks so far, for those who watch; asked after each round, when nothing is measured. */
  readonly provisional?: (run: StoredRun) => readonly Verdict[]
  /** A monotonic clock in ms; absent = that of the process. */
  readonly nowMs?: () => number
}

/** Longest wait for an idle machine over a whole run, as a share of its expected time. */
const PATIENCE = 0.2

/**
 * Runs a plan: the pilot, then rounds in which each workload gets one block. A block launches every model afresh in
 * seeded random order; what the gates reject, or a process did not survive, is dropped as a whole and replaced in a later round, up to the plan's
 * `maxBlocks` (randomised interleaved trials, Abedi & Brecht 2017).
 */
export async function runBlocks(task: BlockTask): Promise<void> {
  const { plan, context, store, emit, finished, nowMs = () => performance.now() } = task
  const schedule = new Schedule(plan, nowMs)
  let pilot = finished.pilot
  if (pilot === null) {
    const startedMs = nowMs()
    const found = await runPilot(plan, task.models, task.workloads, context, emit)
    pilot = { ...found, tookS: secondsBetween(startedMs, nowMs()) }
    store.writePilot(pilot)
  }
  emit({ type: 'pilot-finished', pilot })
  const workloads = workloadsToCompare(task, pilot)
  const progress = new Map(workloads.map((workload) => [workload.id, blocksDone(finished, workload.id)]))
  const patience: Patience = { leftS: PATIENCE * plan.expectedS }
  const voidBlocks = new VoidBlocks()

  for (let round = 1; round <= plan.maxBlocks; round++) {
    for (const workload of shuffled(workloads, seededRandom(deriveSeed(plan.seed, 'round', round)))) {
      const done = progress.get(workload.id)
      if (done === undefined || hasEnoughBlocks(done, plan)) continue
      done.last += 1
      const startedMs = nowMs()
      const { whole, ...measured } = await runBlock(
        task,
        admittedModels(task, pilot, workload),
        workload,
        done.last,
        pilot,
        patience,
        voidBlocks,
      )
      const tookS = secondsBetween(startedMs, nowMs())
      const block = { ...measured.block, tookS }
      store.appendBlock(block)
      schedule.blockDone(workload.id, tookS, block.kept)
      emit({ type: block.kept ? 'block-finished' : 'block-dropped', block })
      if (!block.kept) continue
      done.kept += 1
      if (whole) done.whole += 1
    }
    if ([...progress.values()].every((done) => hasEnoughBlocks(done, plan))) return
    const soFar = store.run()
    const verdicts = task.provisional?.(soFar) ?? []
    if (verdicts.length > 0) emit({ type: 'verdicts', provisional: true, verdicts })
    const decision = task.stopping?.(soFar) ?? { stop: false }
    const unfinished = [...progress].filter(([, done]) => !hasEnoughBlocks(done, plan))
    const because = decision.stop ? decision.because : outOfTime(schedule, unfinished, plan)
    if (because !== null) {
      emit({ type: 'stopping-early', because })
      return
    }
    reportTimeLeft(schedule, unfinished, plan, emit)
  }
}

/** Seconds between two instants in ms, to the millisecond. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.round(toMs - fromMs) / 1000
}

type Unfinished = readonly (readonly [workload: string, done: BlocksDone])[]

/** Why a budget ends the run before its last block; null while there is time. */
function outOfTime(schedule: Schedule, unfinished: Unfinished, { blocks, budgetS = 0 }: ExperimentPlan): string | null {
  const workloads = unfinished.map(([workload]) => workload)
  if (schedule.hasTimeFor(workloads)) return null
  const kept = Math.min(...unfinished.map(([, done]) => done.kept))
  const leftS = schedule.secondsOf(blocksLeft(unfinished, blocks))
  return `the budget of ${formatDuration(budgetS)} is used up after ${kept} of ${blocks} blocks; the rest would take about ${formatDuration(leftS)} more.`
}

function reportTimeLeft(
  schedule: Schedule,
  unfinished: Unfinished,
  { blocks, expectedS }: ExperimentPlan,
  emit: Emit,
): void {
  const seconds = schedule.secondsOf(blocksLeft(unfinished, blocks))
  const lateByS = schedule.lateByS(seconds)
  if (lateByS !== null) {
    const text = `Blocks take longer here than planned: the run needs about ${formatDuration(expectedS + lateByS)} instead of ${formatDuration(expectedS)}.`
    emit({ type: 'note', level: 'info', text })
  }
  emit({ type: 'time-left', seconds })
}

function blocksLeft(unfinished: Unfinished, blocks: number): (readonly [string, number])[] {
  return unfinished.map(([workload, { kept }]) => [workload, Math.max(1, blocks - kept)])
}

/** The models that the pilot let into the blocks of a workload. */
function admittedModels({ models }: BlockTask, { refused }: PilotRecord, workload: Workload): readonly ServerModel[] {
  const out = refused.filter((entry) => entry.workload === undefined || entry.workload === workload.id)
  return models.filter((model) => out.every((entry) => entry.model !== model.id))
}

/**
 * The workloads under which there is still something to compare; those of which the pilot left the baseline alone are not
 * measured. Throws TRIAL_FAILED when that is so of all.
 */
function workloadsToCompare(task: BlockTask, pilot: PilotRecord): readonly Workload[] {
  const { models, workloads, emit } = task
  if (models.length < 2) return workloads
  const compared = workloads.filter((workload) => admittedModels(task, pilot, workload).length > 1)
  const alone = workloads.filter((workload) => !compared.includes(workload)).map(({ id }) => id)
  if (compared.length === 0) {
    const reasons = pilot.refused.map(({ reason, ...cell }) => `${cellName(cell)} is left out: ${reason}`)
    throw new ForkwiseError('TRIAL_FAILED', {
      message: `Expected at least two models to compare, got ${task.plan.baseline} alone. ${reasons.join('\n')}`,
      hint: 'Mend what keeps the others from answering, or name other models: `npx forkwise list`.',
    })
  }
  if (alone.length > 0) {
    const text = `Under ${listText(alone)} only ${task.plan.baseline} is left, so that nothing is measured there.`
    emit({ type: 'note', level: 'warning', text })
  }
  return compared
}

/** How far a workload has come. */
export interface BlocksDone {
  /** Blocks that the gates let through. */
  readonly kept: number
  /** Those of them in which every latency slice was loaded as asked for. */
  readonly whole: number
  /** Number of the last block that was begun. */
  readonly last: number
}

/**
 * Whether a workload has the blocks of its plan. A latency slice whose load was not what was asked for costs its block
 * the latencies alone; so that one such slice does not leave too few for a verdict, a full run measures up to a quarter
 * more blocks in exchange.
 */
export function hasEnoughBlocks(
  { kept, whole, last }: BlocksDone,
  { kind, blocks, maxBlocks }: Pick<ExperimentPlan, 'kind' | 'blocks' | 'maxBlocks'>,
): boolean {
  if (last >= maxBlocks) return true
  const more = kind === 'full' ? Math.ceil(blocks / 4) : 0
  return kept >= blocks && (whole >= blocks || kept >= blocks + more)
}

function isWhole(trials: readonly TrialRecord[]): boolean {
  return trials.every((trial) => trial.outcome === 'failed' || (trial.latency?.faults ?? []).length === 0)
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

async function runBlock(
  task: BlockTask,
  models: readonly ServerModel[],
  workload: Workload,
  block: number,
  pilot: PilotRecord,
  patience: Patience,
  voidBlocks: VoidBlocks,
): Promise<{ block: BlockRecord; whole: boolean }> {
  const { plan, context, store, emit } = task
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
  }
}

/**
 * How far a workload has come. A block that a dead run left unfinished has trials but no record: its number is not
 * used again, and a whole new block replaces it, since trials paired over a long pause would compare two machines.
 */
function blocksDone(finished: Finished, workload: string): { -readonly [Key in keyof BlocksDone]: number } {
  const blocks = finished.blocks.filter((block) => block.workload === workload)
  const trials = finished.trials.filter((trial) => trial.workload === workload)
  const kept = blocks.filter((block) => block.kept)
  return {
    kept: kept.length,
    whole: kept.filter(({ block }) => isWhole(trials.filter((trial) => trial.block === block))).length,
    last: Math.max(0, ...blocks.map((block) => block.block), ...trials.map((trial) => trial.block)),
  }
}
